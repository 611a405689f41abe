// @ts-check
// The card over one chart: what the input under the pointer costs and is taken for, or what the place there means. Its
// words come with the document.
import { rowOf } from "./codec.js";
import { decoded } from "./decoder.js";
import { element } from "./dom.js";
import { canvasOf } from "./fields.js";
import { isInside, toData } from "./plan.js";

const SHOWN_FEATURES = 6;

export class Card {
  constructor(state, documentNow) {
    this.state = state;
    this.documentNow = documentNow;
    this.node = element("aside", { class: "lab-card", hidden: "" });
    this.chart = null;
    this.followed = new WeakSet();
  }

  // The card lies over a chart and follows the pointer's place in it.
  over(chart) {
    this.chart = chart ?? null;
    if (!chart) return this.node.remove();
    chart.div.parentElement.append(this.node);
    if (this.followed.has(chart)) return;
    this.followed.add(chart);
    chart.div.addEventListener("mousemove", (event) => this.chart === chart && this.place(event));
    chart.div.addEventListener("mouseleave", () => this.chart === chart && this.place(null));
  }

  place(event) {
    const { plan, div } = this.chart;
    this.state.place = null;
    if (event && plan) {
      const box = div.getBoundingClientRect();
      const at = [event.clientX - box.left, event.clientY - box.top];
      if (isInside(plan, at)) this.state.place = [toData(plan.x)(at[0]), toData(plan.y)(at[1])];
    }
    this.show();
  }

  show() {
    const { arrays, chosen, point } = this.state;
    const bits = point === null ? null : rowOf(arrays.point_bits, chosen);
    const parts = bits ? this.ofPoint(bits.values[point]) : this.ofPlace();
    this.node.hidden = !parts.length;
    if (parts.length) this.node.replaceChildren(...parts);
  }

  // What it says, in one line.
  words() {
    return this.node.hidden ? "" : [...this.node.querySelectorAll("p")].map((p) => p.textContent).join(", ");
  }

  // An input: its price, its label, its odds, its picture and what is made of it.
  ofPoint(bits) {
    const { arrays, chosen, point } = this.state;
    const { classes, card, decoder } = this.documentNow();
    const label = arrays.point_class.values[point];
    const price = element("p", {}, element("b", {}, `${bits.toFixed(2)} ${classes.unit}`), ` ${card.spent}`);
    const parts = [price, element("p", {}, `${card.labelled} ${classes.names[label] ?? label}`)];
    const odds = rowOf(arrays.point_odds, chosen);
    if (odds) parts.push(bars(classes, partOf(odds.values, point, odds.shape[1]).map((byte) => byte / 255), card.odds));
    const image = arrays.point_image;
    if (!image) return parts;
    const [, height, width] = image.shape;
    const pictures = [picture(partOf(image.values, point, height * width), height, width, card.input)];
    // with more latent dimensions than are shown, the point's place in the plane is not all of its z
    if (decoder?.image && decoder.latent_dim === decoder.dims.length) {
      const mu = rowOf(arrays.point_mu, chosen);
      const out = decoded(arrays, chosen, decoder, mu.values.subarray(2 * point));
      if (out) pictures.push(picture(out.map((p) => 255 * p), height, width, card.mean));
    }
    return [...parts, element("div", { class: "lab-images" }, ...pictures)];
  }

  // A place of the latent plane: what its z is decoded to.
  ofPlace() {
    const { arrays, chosen, place } = this.state;
    const { classes, card, decoder } = this.documentNow();
    const out = place && decoder && decoded(arrays, chosen, decoder, place);
    if (!out) return [];
    const isClass = decoder.likelihood === "categorical";
    const z = decoder.dims.map((d, i) => `z${d + 1} = ${place[i].toFixed(2)}`).join(", ");
    const rest = decoder.latent_dim > decoder.dims.length ? ", others 0" : "";
    const title = element("p", {}, element("b", {}, z), `${rest}${isClass ? `: ${card.told}` : ` ${card.decoded}`}`);
    if (isClass) return [title, bars(classes, Array.from(out), card.odds)];
    if (decoder.image) {
      const [height, width] = decoder.image;
      const pixels = out.map((p) => 255 * p);
      return [title, element("div", { class: "lab-images" }, picture(pixels, height, width, "decoded"))];
    }
    const shown = decoder.features.slice(0, SHOWN_FEATURES).map((name, i) => `${name} = ${out[i].toFixed(2)}`);
    const lines = decoder.features.length > SHOWN_FEATURES ? [...shown, "…"] : shown;
    return [title, ...lines.map((line) => element("p", {}, line))];
  }
}

function partOf(values, row, length) {
  return Array.from(values.subarray(row * length, (row + 1) * length));
}

function bars({ names, colours }, odds, symbol) {
  return element("div", { class: "lab-odds" }, ...names.map((name, c) => {
    const bar = element("i", { style: `width:${(100 * odds[c]).toFixed(1)}%;background:${colours[c % 10]}` });
    const title = `${symbol.replace("{}", name)} = ${(100 * odds[c]).toFixed(0)} %`;
    return element("span", { title }, element("label", {}, name), bar);
  }));
}

// Pixels 0…255, dark ink on white.
function picture(pixels, height, width, label) {
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set([255 - pixels[i], 255 - pixels[i], 255 - pixels[i], 255], 4 * i);
  }
  return canvasOf(image, { class: "lab-image", role: "img", "aria-label": label, title: label });
}
