// @ts-check
// Which panels stand together, and how high their charts are.
/** @import { Panel } from "./protocol.js" */
/** @typedef {{ wide: boolean, high: boolean, narrow: boolean }} Room */

const LEAST = 290; // px of a chart's height at least …
const TALL = 400; // … of one above a second row
const HIGHEST = 760; // … at most
const HIGHEST_NARROW = 520;
const LOW = 190; // … of the second row
const HIGHEST_LOW = 340;

/**
 * Three cards on a wide page, two on a narrower one, one in a row on the narrowest; a card with several panels has tabs.
 * A page that is high as well has a second row for the panels that are marked as low, unless all is large.
 * @param {Panel[]} panels
 * @param {Room} room
 * @returns {{ cards: Panel[][], below: Panel[][] }}
 */
export function cardsOf(panels, { wide, high }, isLarge) {
  const [first, second, ...rest] = panels;
  const below = wide && high && !isLarge ? rest.filter((panel) => panel.low) : [];
  const beside = rest.filter((panel) => !below.includes(panel));
  const cards = wide ? [[first], [second], beside] : [[first], [second, ...beside]];
  return { cards: cards.filter((card) => card[0]), below: below.map((panel) => [panel]) };
}

/** Heights of the charts of both rows in px, from what is free and from a chart's width. */
export function heightsOf({ free, width, hasMore, isNarrow, isLarge }) {
  const square = width * (isLarge ? 1.12 : 1.04);
  const most = hasMore ? Math.max(TALL, free - LOW) : Math.max(LEAST, free);
  const highest = isLarge ? Infinity : HIGHEST;
  const first = isNarrow ? Math.min(square, HIGHEST_NARROW) : Math.min(most, square, highest);
  return { first: Math.round(first), second: Math.round(Math.max(LOW, Math.min(HIGHEST_LOW, free - first))) };
}
