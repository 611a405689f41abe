// The card over the latent plane: what the input under the pointer costs and is taken for, or what the place there means.

const SHOWN_FEATURES = 6;

class Card {
  constructor(scene) {
    this.scene = scene;
    this.node = element("aside", { class: "lab-card", hidden: "" });
  }

  // The card lies over one chart and follows the pointer's place in it.
  over(div, document_) {
    if (!div) return;
    this.div = div;
    div.parentElement.append(this.node);
    if (div.dataset.followed) return;
    div.dataset.followed = "yes";
    div.addEventListener("mousemove", (event) => this.place(div, event, document_()));
    div.addEventListener("mouseleave", () => this.place(div, null, document_()));
  }

  place(div, event, document_) {
    const { xaxis, yaxis } = div._fullLayout ?? {};
    this.scene.place = null;
    if (event && xaxis) {
      const box = div.getBoundingClientRect();
      const u = (event.clientX - box.left - xaxis._offset) / xaxis._length, v = (event.clientY - box.top - yaxis._offset) / yaxis._length;
      const at = (range, share) => range[0] + share * (range[1] - range[0]);
      if (u >= 0 && u <= 1 && v >= 0 && v <= 1) this.scene.place = [at(xaxis.range, u), at(yaxis.range, 1 - v)];
    }
    this.show(document_);
  }

  show({ classes, decoder }) {
    const { arrays, chosen, point } = this.scene;
    const parts = point !== null && rowOf(arrays.point_bits, chosen) ? this.ofPoint(classes, decoder) : this.ofPlace(classes, decoder);
    this.node.hidden = !parts.length;
    if (parts.length) this.node.replaceChildren(...parts);
  }

  // An input: its price, its label, its odds, its picture and what is made of it.
  ofPoint({ names, colours, unit }, decoder) {
    const { arrays, chosen, point } = this.scene;
    const label = arrays.point_class.values[point];
    const parts = [element("p", {}, element("b", {}, `${rowOf(arrays.point_bits, chosen).values[point].toFixed(2)} ${unit}`), " spent on this input"),
      element("p", {}, `labelled ${names[label] ?? label}`)];
    const odds = rowOf(arrays.point_odds, chosen), count = odds?.shape[1];
    if (odds) parts.push(bars(names, colours, Array.from(odds.values.subarray(point * count, (point + 1) * count), (byte) => byte / 255)));
    const image = arrays.point_image;
    if (!image) return parts;
    const [, height, width] = image.shape, size = height * width;
    const pictures = [picture(image.values.subarray(point * size, (point + 1) * size), height, width, "the input")];
    const mu = rowOf(arrays.point_mu, chosen);
    // with more latent dimensions than are shown, the point's place in the plane is not all of its z
    const out = decoder?.image && decoder.latent_dim === decoder.dims.length && decoded(this.scene, decoder, mu.values.subarray(2 * point));
    if (out) pictures.push(picture(out.map((p) => 255 * p), height, width, "decoded from its mean"));
    return [...parts, element("div", { class: "lab-images" }, ...pictures)];
  }

  // A place of the latent plane: what its z is decoded to.
  ofPlace({ names, colours }, decoder) {
    const { place } = this.scene;
    const out = place && decoder && decoded(this.scene, decoder, place);
    if (!out) return [];
    const z = decoder.dims.map((d, i) => `z${d + 1} = ${place[i].toFixed(2)}`).join(", ");
    const rest = decoder.latent_dim > decoder.dims.length ? ", others 0" : "";
    const parts = [element("p", {}, element("b", {}, z), `${rest}${decoder.likelihood === "categorical" ? ": q(y|z)" : " is decoded to"}`)];
    if (decoder.likelihood === "categorical") return [...parts, bars(names, colours, out)];
    if (decoder.image) return [...parts, element("div", { class: "lab-images" }, picture(out.map((p) => 255 * p), ...decoder.image, "decoded"))];
    const lines = decoder.features.slice(0, SHOWN_FEATURES).map((name, i) => element("p", {}, `${name} = ${out[i].toFixed(2)}`));
    return [...parts, ...lines, ...(decoder.features.length > SHOWN_FEATURES ? [element("p", {}, "…")] : [])];
  }
}

// The decoder by itself: h ← ReLU(h W + b), the last map without; then class odds, pixels or means. As `model.decode`.
function decoded({ arrays, chosen }, { layers, likelihood, latent_dim, dims }, place) {
  let h = new Float32Array(latent_dim);
  dims.forEach((d, i) => (h[d] = place[i]));
  for (let layer = 0; layer < layers; layer++) {
    const weight = rowOf(arrays[`decoder_${layer}_weight`], chosen), bias = rowOf(arrays[`decoder_${layer}_bias`], chosen);
    if (!weight || !bias) return null;
    const out = Float32Array.from(bias.values), columns = out.length;
    for (let i = 0; i < h.length; i++) for (let j = 0; j < columns; j++) out[j] += h[i] * weight.values[i * columns + j];
    h = layer < layers - 1 ? out.map((v) => Math.max(0, v)) : out;
  }
  if (likelihood === "bernoulli") return h.map((v) => 1 / (1 + Math.exp(-v)));
  if (likelihood === "gaussian") return h;
  const most = Math.max(...h), odds = h.map((v) => Math.exp(v - most)), sum = odds.reduce((a, b) => a + b, 0);
  return odds.map((v) => v / sum);
}

function bars(names, colours, odds) {
  return element("div", { class: "lab-odds" }, ...names.map((name, c) => element("span",
    { title: `q(${name}) = ${(100 * odds[c]).toFixed(0)} %` }, element("label", {}, name),
    element("i", { style: `width:${(100 * odds[c]).toFixed(1)}%;background:${colours[c % 10]}` }))));
}

// Pixels 0…255, dark ink on white.
function picture(pixels, height, width, label) {
  const canvas = element("canvas", { width, height, class: "lab-image", role: "img", "aria-label": label, title: label });
  const image = canvas.getContext("2d").createImageData(width, height);
  for (let i = 0; i < width * height; i++) image.data.set([255 - pixels[i], 255 - pixels[i], 255 - pixels[i], 255], 4 * i);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// 1σ and 2σ around a place, as `frames.rings`; rho: correlation of both dimensions.
function ringsOf([u, v], [across, up], rho = 0) {
  const x = [], y = [];
  for (const radius of [1, 2]) {
    for (let k = 0; k <= 48; k++) {
      const angle = (2 * Math.PI * k) / 48;
      x.push(u + radius * across * Math.cos(angle));
      y.push(v + radius * up * (rho * Math.cos(angle) + Math.sqrt(1 - rho * rho) * Math.sin(angle)));
    }
    x.push(null); y.push(null);
  }
  return { x, y };
}

// A bell of height 1 and the bar that holds 68 % of it, as `frames.bells`.
function bellOf(mu, sigma) {
  const at = [...Array.from({ length: 65 }, (_, k) => -3.2 + k / 10), null, -1, 1];
  return { x: at.map((t) => t === null ? null : mu + sigma * t), y: at.map((t) => t === null ? null : Math.exp((-t * t) / 2)) };
}
