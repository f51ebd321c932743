// The filter and search of claims or submissions, the table of submissions, and the player of orders. Without a script
// the pages show everything but the player.

/** @type {HTMLElement[]} */
const items = [...document.querySelectorAll("details.claim, #grades tbody tr")].map((item) =>
  /** @type {HTMLElement} */ (item));
const table = document.getElementById("grades");

/** Show only items with the chosen state, the search text and, if asked for, equal files; and groups with such items.
 * @param {FormData} chosen */
function filter(chosen) {
  const text = String(chosen.get("search")).toLowerCase();
  for (const item of items)
    item.hidden = !["", item.dataset.state].includes(String(chosen.get("state")))
      || (chosen.has("equal") && item.dataset.equal === "0")
      || !(item.textContent || "").toLowerCase().includes(text);
  for (const group of document.querySelectorAll("section.group"))
    group.toggleAttribute("hidden", !group.querySelector("details.claim:not([hidden])"));
  document.getElementById("none")?.toggleAttribute("hidden", items.some(({hidden}) => !hidden));
}

/** Return the sort key of a cell.
 * @param {HTMLElement} row
 * @param {number} column */
function key(row, column) {
  const cell = /** @type {HTMLElement} */ (row.children[column]);
  return cell.dataset.key ?? (cell.textContent || "").trim();
}

/** Sort submissions by a column, or reverse the order if they are already sorted by that column.
 * @param {HTMLTableCellElement} heading */
function sort(heading) {
  const down = heading.getAttribute("aria-sort") === "ascending";
  for (const other of document.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const sorted = items.sort((a, b) => key(a, heading.cellIndex)
    .localeCompare(key(b, heading.cellIndex), "en", {numeric: true}) * (down ? -1 : 1));
  table?.querySelector("tbody")?.append(...sorted);
}

/** Open the claim that the address names, in browsers that do not do so themselves. */
function unfold() {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

/** Replay an order in an embedded docs/play.html.
 * @param {string} order */
function replay(order) {
  const player = document.getElementById("player");
  const frame = document.getElementById("frame");
  if (!player || !(frame instanceof HTMLIFrameElement)) return;
  frame.hidden = false;
  frame.srcdoc = JSON.parse(player.textContent || '""')
    .replace("<html", `<html data-start="#early/${order}"`);
  frame.scrollIntoView({block: "nearest"});
}

const form = document.querySelector("form");
form?.addEventListener("input", () => filter(new FormData(form)));
form?.addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll("#grades th button"))
  button.addEventListener("click", () => sort(/** @type {HTMLTableCellElement} */ (button.parentElement)));
for (const row of table ? items : [])
  row.addEventListener("click", (event) => {
    // Not while the user selects text; a link opens by itself.
    if (!getSelection()?.toString() && !(event.target instanceof HTMLAnchorElement))
      row.querySelector("a")?.click();
  });
for (const button of document.querySelectorAll("button[data-order]"))
  if (button instanceof HTMLElement)
    button.addEventListener("click", () => replay(button.dataset.order || ""));
addEventListener("hashchange", unfold);
addEventListener("beforeprint", () => {
  for (const claim of document.querySelectorAll("details.claim"))
    claim.toggleAttribute("open", claim instanceof HTMLElement && claim.dataset.state === "broken");
  for (const more of document.querySelectorAll(".finding details")) more.toggleAttribute("open", true);
});
unfold();
