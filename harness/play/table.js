// Looks up orders in the recorded table.

/** The result of a step of a real program: the calls that returned, failure and last error, message
 * box, end (exit code and output); and then the number of handles (none: the name is free), the
 * number of views, and the bytes of the object that has the name.
 * @typedef {{step: string, calls?: string[], presses?: string, failed?: boolean, waits?: boolean, error?: number,
 *   box?: string, title?: string, end?: [number, string], handles?: number, views?: number,
 *   bytes?: string}} Seen */
/** @typedef {{program: string, charset: string}} Actor */
/** A state: for each program that can continue, the next state and the number of the event.
 * @typedef {Record<string, [number, number]>} Row */
/** Its `orders` are the numbers of orders from each state to the end of all programs.
 * @typedef {{name: string, actors: Record<string, Actor>, orders: number[], runs: number, rows: Row[],
 *   events: Seen[]}} Setup */
/** A line of a listing, and the steps that run it.
 * @typedef {{text: string, steps: string[]}} Line */
/** @typedef {{platform: string, date: string, setups: Record<string, Setup>,
 *   listings: Record<string, Line[]>}} Recorded */
/** @typedef {{actor: string, seen: Seen}} Taken */
/** The result of an order: the steps taken, and the number of the state after them.
 * @typedef {{taken: Taken[], state: number}} Walk */

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

/** @type {Recorded} */
const RECORDED = JSON.parse(byId("recorded").textContent || "");

/** Follow an order as far as the programs can take it.
 * @param {Setup} setup @param {string[]} order @returns {Walk} */
function walk(setup, order) {
  const taken = [];
  let state = 0;
  for (const actor of order) {
    const edge = setup.rows[state][actor];
    if (!edge) break;
    taken.push({actor, seen: setup.events[edge[1]]});
    state = edge[0];
  }
  return {taken, state};
}

/** Return the event of an actor's next step, or null if it has ended or waits.
 * @param {Setup} setup @param {number} state @param {string} actor @returns {?Seen} */
function ahead(setup, state, actor) {
  const edge = setup.rows[state][actor];
  return edge ? setup.events[edge[1]] : null;
}

/** Return the number of a complete order, as in `make interleavings`.
 * @param {Setup} setup @param {string[]} order @returns {number} */
function numberOf(setup, order) {
  let number = 1;
  let state = 0;
  for (const chosen of order) {
    for (const actor of Object.keys(setup.actors)) {
      const edge = setup.rows[state][actor];
      if (actor === chosen) break;
      if (edge) number += setup.orders[edge[0]];
    }
    state = setup.rows[state][chosen][0];
  }
  return number;
}

/** Return the shortest order that `wanted` accepts, or null. A row determines the steps that each
 * program has taken, so one way to each row is enough.
 * @param {Setup} setup @param {(taken: Taken[]) => boolean} wanted @returns {?string[]} */
function shortest(setup, wanted) {
  /** @type {Map<number, Taken[]>} */
  const ways = new Map([[0, []]]);
  for (const [state, way] of ways)  // Breadth first: this also visits entries added in the loop.
    for (const [actor, [next, event]] of Object.entries(setup.rows[state])) {
      const taken = [...way, {actor, seen: setup.events[event]}];
      if (wanted(taken)) return taken.map((step) => step.actor);
      if (!ways.has(next)) ways.set(next, taken);
    }
  return null;
}

/** Whether a program has a handle and a view after these steps, from its recorded calls.
 * @param {Taken[]} taken @param {string} actor @returns {{handle: boolean, view: boolean}} */
function holdings(taken, actor) {
  let [handle, view] = [false, false];
  for (const {seen} of taken.filter((step) => step.actor === actor)) {
    for (const call of seen.calls || []) {
      handle = (handle || call.endsWith("-> hMapFile")) && call !== "CloseHandle(hMapFile) -> TRUE";
      view = (view || call.endsWith("-> pBuf")) && !/^UnmapViewOfFile.*-> TRUE$/.test(call);
    }
    if (seen.end) [handle, view] = [false, false];
  }
  return {handle, view};
}
