// The table of submissions: sort, filter, and open a verdict. Without a script it is a plain table with links.

const table = /** @type {HTMLTableElement} */ (document.getElementById("grades"));
const rows = () => [...table.tBodies[0].rows];

/** Return the sort key of a cell.
 * @param {HTMLTableRowElement} row
 * @param {number} column */
const key = (row, column) => row.cells[column].dataset.key ?? (row.cells[column].textContent || "").trim();

/** Sort by a column, or reverse the order if it is already sorted by that column.
 * @param {HTMLTableCellElement} heading */
function sort(heading) {
  const down = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const sorted = rows().sort((a, b) => key(a, heading.cellIndex)
    .localeCompare(key(b, heading.cellIndex), "en", {numeric: true}) * (down ? -1 : 1));
  table.tBodies[0].append(...sorted);
}

/** Show only submissions with the chosen state, the search text and, if asked for, equal files. */
function filter() {
  const chosen = document.querySelector("input[name=state]:checked");
  const state = chosen instanceof HTMLInputElement ? chosen.value : "";
  const search = document.getElementById("search");
  const text = search instanceof HTMLInputElement ? search.value.toLowerCase() : "";
  const equal = document.getElementById("equal");
  const only = equal instanceof HTMLInputElement && equal.checked;
  for (const row of rows())
    row.hidden = (state !== "" && row.dataset.state !== state)
      || (only && row.dataset.equal === "0")
      || !(row.textContent || "").toLowerCase().includes(text);
  document.getElementById("none")?.toggleAttribute("hidden", rows().some(({hidden}) => !hidden));
}

for (const button of table.querySelectorAll("th button"))
  button.addEventListener("click", () => sort(/** @type {HTMLTableCellElement} */ (button.parentElement)));
document.getElementById("filter")?.addEventListener("input", filter);
document.getElementById("filter")?.addEventListener("submit", (event) => event.preventDefault());
for (const row of rows())
  row.addEventListener("click", (event) => {
    // Not while the user selects text; a link opens by itself.
    if (!getSelection()?.toString() && !(event.target instanceof HTMLAnchorElement))
      row.querySelector("a")?.click();
  });
