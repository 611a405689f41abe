"""Breast Cancer Wisconsin (Street et al. 1993): 569 tumours, 30 features, 2 diagnoses."""

from vibcore.data.bundled import bundled_source

SOURCE = bundled_source("load_breast_cancer", preset={})
