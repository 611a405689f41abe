def reference(spec):
    return None
