// Written by python -m dashboard.stage.typescript

/** Where an array lies behind the header, and what it is. */
export interface ArrayHeader {
  dtype: "f2" | "f4" | "u1" | "i4";
  shape: number[];
  offset: number;
  models: number[] | null;
  once: boolean;
}

/** A place that a visitor is to guess on a chart, in its units: theirs and the answer, once they are known. */
export interface Guess {
  panel: string;
  place: number[] | null;
  answer: number[] | null;
  help: string;
  words: string;
  said: string;
}

/** What moves, but for the arrays: with every message. */
export interface Header {
  version: string;
  page: string;
  call: number;
  after?: number;
  heard: [string, number];
  link: string;
  chosen: number;
  playing: boolean;
  speed: string;
  texts: Record<string, any>;
  span: number;
  guess?: Guess;
  marks?: string[];
  settled?: boolean;
  run?: string;
  step?: number;
  moments?: number[];
  film?: boolean;
  moment?: boolean;
  arrays: Record<string, ArrayHeader>;
}

/** A card, or a tab of one. A trace's `meta.bind` names the arrays and texts that it shows, by path. */
export interface Panel {
  id: string;
  title: string;
  tab: string;
  figure: Record<string, any>;
  subtitle: string;
  subtitle_name?: string;
  alt: string;
  low: boolean;
  about: string[][];
}

/** A key number: the name of its text, a caption and a sentence. */
export interface KeyNumber {
  name: string;
  caption: string;
  help: string;
}

/** A label under the slider. */
export interface Tick {
  index: number;
  label: string;
}

/** A line across the slider. */
export interface Mark {
  index: number;
  label: string;
  help: string;
}

/** The stops of β. */
export interface Slider {
  name: string;
  labels: string[];
  meanings: string[];
  ticks: Tick[];
  marks: Mark[];
  help: string;
}

/** Names and colours, and the unit of the page. */
export interface Classes {
  names: string[];
  colours: string[];
  unit: string;
}

/** How the browser decodes a place of the latent plane, by weights and biases with ReLU between them. */
export interface Decoder {
  layers: number;
  likelihood: "categorical" | "bernoulli" | "gaussian";
  latent_dim: number;
  dims: number[];
  features: string[];
  image: number[] | null;
}

/** Words of the card over the latent plane. */
export interface Card {
  spent: string;
  labelled: string;
  odds: string;
  told: string;
  decoded: string;
  input: string;
  mean: string;
}

/** What stands still, sent when it changes. */
export interface Document {
  title: string;
  sentence: string;
  dataset: string;
  present: boolean;
  panels: Panel[];
  numbers: KeyNumber[];
  slider: Slider;
  speeds: string[];
  classes: Classes;
  decoder: Decoder | null;
  card: Card;
}

/** A step to look back at; while it is dragged there, with the moments that the browser lacks. */
export interface Look {
  step: number;
  chosen: number;
  lacks: number[] | null;
}

/** One of `ACTIONS`, numbered from 1. */
export interface Press {
  n: number;
  action: string;
  value?: any;
  stage: string;
}

export interface Presses {
  from: string;
  actions: Press[];
}

/** Component states: the stop of the slider. */
export interface States {
  chosen: number;
}

/** What comes with each action. */
export interface Actions {
  play: null;
  pause: null;
  step: null;
  reset: null;
  seed: null;
  document: null;
  speed: string;
  ready: number;
  present: boolean;
  link: string;
  look: Look;
  guess: number[];
}

declare global {
  interface Window {
    Plotly: any;
    __plotlyLoading: Promise<any> | undefined;
    labStages: Map<string, any>;
    labStage: any;
  }
}
