/* The table sorts by a click on a heading: numbers greatest first, words from A; again to turn it round. */
(() => {
  const table = document.getElementById("layer-table");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    const number = cell.dataset.order ?? cell.dataset.value;
    return number === undefined ? cell.textContent : Number(number);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  const meaning = document.getElementById("column-meaning");
  const sort = (column) => {
    const head = heads[column];
    meaning.textContent = `${head.textContent}: ${head.querySelector("button").title}.`;
    const first = head.classList.contains("number") && column > 0 ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    heads.forEach((each) => each.setAttribute("aria-sort", each === head ? order : "none"));
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...body.rows].sort((a, b) => sign * compare(key(a, column), key(b, column)));
    body.append(...rows);
  };
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => sort(column)));
})();

/* The drawings of the chosen layer. */
(() => {
  const select = document.getElementById("layer-select");
  const panels = [...document.querySelectorAll(".panel")];
  const show = () => {
    const chosen = select.selectedOptions[0];
    panels.forEach((panel) => { panel.hidden = !chosen || panel.dataset.panel !== chosen.dataset.panel; });
  };
  select.addEventListener("change", show);
  document.querySelectorAll("a[data-layer]").forEach((link) => link.addEventListener("click", () => {
    const option = [...select.options].find((each) => each.value === link.dataset.layer);
    if (option && !option.disabled) {
      select.value = option.value;
      show();
    }
  }));
})();

document.querySelectorAll(".cells").forEach(readCells);
