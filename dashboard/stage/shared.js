// @ts-check
// What all stages of a page share: what is sent to the server, in one order, and the address.
import { Address } from "./address.js";
import { Outbox } from "./outbox.js";

export const outbox = new Outbox();
export const address = new Address((query) => window.labStage?.send("link", query));
