/* The table sorts by a click on a heading: numbers greatest first, words from A; again to turn it round. */
(() => {
  const table = document.getElementById("layer-table");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  const sort = (column) => {
    const head = heads[column];
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

/* What is under the pointer in a crossbar. */
(() => {
  const place = (list, at) => list[at] && list[at].split(",").map(Number);
  const start = (group) => {
    const [width, isPair] = group.dataset.cells.split(" ").map(Number);
    const rows = group.dataset.rows.split(" ");
    const columns = group.dataset.columns.split(" ");
    const readout = group.closest("figure").querySelector(".readout");
    const idle = readout.textContent;
    group.addEventListener("pointerleave", () => { readout.textContent = idle; });
    group.addEventListener("pointermove", (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(group.getScreenCTM().inverse());
      const [row, bit] = [Math.floor(point.y), Math.floor(point.x)];
      const from = place(rows, row);
      const to = place(columns, Math.floor(bit / width));
      const at = `word line ${row}, bit line ${bit}: `;
      const under = document.elementFromPoint(event.clientX, event.clientY);
      if (!from || !to) {
        readout.textContent = at + (under !== null && under.closest(".offset") ? "offset column" : "unused");
        return;
      }
      const holds = under !== null && under.closest(".weight") !== null;
      const sign = isPair ? (bit % 2 ? " (negative)" : " (positive)") : "";
      readout.textContent = at + `input channel ${from[3]}, pixel ${from[1]},${from[2]} → output channel ${to[3]}, `
        + `pixel ${to[1]},${to[2]}: ${holds ? "weight" + sign : "structural zero"}`;
    });
  };
  document.querySelectorAll(".cells").forEach(start);
})();
