"use strict";

/* What is under the pointer, the finger or the arrow keys in a crossbar, in the figure's readout. */
const readCells = (group) => {
  const places = (list) => (list ? list.split(" ").map((each) => each.split(",").map(Number)) : []);
  const [width, isPair] = group.dataset.cells.split(" ").map(Number);
  const [rows, columns] = [places(group.dataset.rows), places(group.dataset.columns)];
  /* Packs that take turns have lines in common; their rows and columns follow one another in the lists. */
  const turns = group.dataset.turns ? places(group.dataset.turns) : [[0, 0, rows.length, columns.length]];
  const lines = (row, column) => {
    let [firstRow, firstColumn] = [0, 0];
    for (const [top, left, tall, wide] of turns) {
      if (row >= top && row < top + tall && column >= left && column < left + wide) {
        return [rows[firstRow + row - top], columns[firstColumn + column - left]];
      }
      [firstRow, firstColumn] = [firstRow + tall, firstColumn + wide];
    }
    return [];
  };
  const frame = group.querySelector(".unused");
  const [height, breadth] = ["height", "width"].map((side) => Number(frame.getAttribute(side)));
  const within = (place, end) => Math.max(0, Math.min(end - 1, place));
  const readout = group.closest("figure").querySelector(".readout");
  const read = (row, bit, [x, y]) => {
    const [from, to] = lines(row, Math.floor(bit / width));
    const at = `word line ${row}, bit line ${bit}: `;
    const under = document.elementsFromPoint(x, y);
    const has = (kind) => under.some((each) => each.closest(kind) !== null);
    if (!from || !to) {
      readout.textContent = at + (has(".offset") ? "offset column" : "unused");
      return;
    }
    const sign = isPair ? (bit % 2 ? " (negative)" : " (positive)") : "";
    readout.textContent = at + `input channel ${from[3]}, pixel ${from[1]},${from[2]} → output channel ${to[3]}, `
      + `pixel ${to[1]},${to[2]}: ${has(".weight") ? "weight" + sign : "structural zero"}`;
  };
  let [row, bit] = [0, 0];
  const point = ({ clientX, clientY }) => {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(group.getScreenCTM().inverse());
    [row, bit] = [within(Math.floor(y), height), within(Math.floor(x), breadth)];
    read(row, bit, [clientX, clientY]);
  };
  const cursor = frame.cloneNode();
  cursor.setAttribute("class", "cell-cursor");
  cursor.setAttribute("visibility", "hidden");
  ["width", "height"].forEach((side) => cursor.setAttribute(side, 1));
  group.append(cursor);
  group.setAttribute("tabindex", 0);
  group.setAttribute("role", "application");
  group.setAttribute("aria-label", "Cells of the crossbar; the arrow keys read them, with Shift every 16th");
  readout.setAttribute("aria-live", "polite");
  readout.textContent = "Point at a cell to read it, or go to it with the arrow keys.";
  group.addEventListener("pointermove", point);
  group.addEventListener("pointerdown", point);
  group.addEventListener("keydown", (event) => {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const [down, right] = moves[event.key].map((move) => move * (event.shiftKey ? 16 : 1));
    [row, bit] = [within(row + down, height), within(bit + right, breadth)];
    cursor.setAttribute("x", bit);
    cursor.setAttribute("y", row);
    cursor.setAttribute("visibility", "visible");
    const { x, y } = new DOMPoint(bit + 0.5, row + 0.5).matrixTransform(group.getScreenCTM());
    read(row, bit, [x, y]);
  });
};
