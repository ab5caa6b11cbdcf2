/* The report of a mapping. */
usePage((check) => {
  const summary = JSON.parse(document.getElementById("summary").textContent);
  const digits = (text) => Number(text.replace(/[^0-9.]/g, ""));
  const table = document.getElementById("layer-table");
  const rows = () => [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const column = (name) => heads.findIndex((head) => head.textContent === name);
  const values = (name) => rows().map((row) => Number(row.cells[column(name)].dataset.value));
  const written = (name) => rows().map((row) => digits(row.cells[column(name)].textContent));
  const click = (name) => heads[column(name)].querySelector("button").click();
  const numbers = { crossbars: "crossbars", cycles: "cycles", copies: "replication", activations: "array_activations",
    windows: "windows" };

  check("names", rows().map((row) => row.cells[1].textContent), summary.layers.map((layer) => layer.name.replaceAll("\u001b", "\ufffd")));
  for (const [head, key] of Object.entries(numbers)) {
    check(`${head} as data`, values(head), summary.layers.map((layer) => layer[key]));
    check(`${head} as text`, written(head), summary.layers.map((layer) => layer[key]));
  }
  check("utilization", values("utilization"), summary.layers.map((layer) => layer.utilization));
  check("MACs", values("MACs"), summary.layers.map((layer) => layer.macs));
  for (const strong of document.querySelectorAll("[data-total]")) {
    const key = strong.dataset.total;
    if (key !== "utilization") check(`total ${key}`, digits(strong.textContent), summary.total[key]);
  }

  const sorted = (list, sign) => [...list].sort((a, b) => sign * (a - b));
  click("crossbars");
  check("descending", heads[column("crossbars")].getAttribute("aria-sort"), "descending");
  check("greatest first", values("crossbars"), sorted(values("crossbars"), -1));
  click("crossbars");
  check("ascending", heads[column("crossbars")].getAttribute("aria-sort"), "ascending");
  check("least first", values("crossbars"), sorted(values("crossbars"), 1));
  check("a heading says what it means", document.getElementById("column-meaning").textContent, "crossbars: unit crossbars held, all copies.");
  click("layer");
  check("one column sorted", heads.filter((head) => head.getAttribute("aria-sort") !== "none").length, 1);
  click("#");
  check("back in order", values("#"), summary.layers.map((_, place) => place + 1));
  check("headings take the keyboard", heads.every((head) => head.querySelector("button").tabIndex === 0), true);

  const weight = () => getComputedStyle(document.querySelector(".weight")).fill;
  const first = weight();
  document.getElementById("theme").click();
  check("figures follow", weight() !== first, true);
  document.getElementById("theme").click();

  const select = document.getElementById("layer-select");
  const shown = () => [...document.querySelectorAll(".panel")].filter((panel) => panel.offsetHeight > 0);
  check("one panel", shown().length, 1);
  select.selectedIndex = select.options.length - 1;
  select.dispatchEvent(new Event("change"));
  check("the last layer's panel", shown().map((panel) => panel.dataset.panel), [select.selectedOptions[0].dataset.panel]);
  rows()[0].querySelector("a").click();
  check("a link chooses", [select.value, ...shown().map((panel) => panel.dataset.panel)], ["0", "0"]);

  const cells = shown()[0].querySelector(".cells");
  cells.scrollIntoView({ behavior: "instant" });
  const box = cells.querySelector(".zeros").getBoundingClientRect();
  const rowCount = cells.dataset.rows.split(" ").length;
  const height = box.height / rowCount;
  cells.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + height / 4, clientY: box.top + height / 2 }));
  const readout = shown()[0].querySelector(".readout").textContent;
  check("a cell is read", readout.replace(/channel \d+/g, "channel n"),
    "word line 0, bit line 0: input channel n, pixel 0,0 → output channel n, pixel 0,0: weight (positive)");

  const press = (key) => cells.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
  ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"].forEach(press);
  const now = () => shown()[0].querySelector(".readout").textContent;
  check("the arrow keys lead back", now(), readout);
  press("ArrowDown");
  check("the arrow keys read a cell", now().startsWith("word line 1, bit line 0: input channel"), true);
  check("cells take the keyboard", cells.tabIndex, 0);
});
