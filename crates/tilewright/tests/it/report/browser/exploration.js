/* The page of a front: marks are its designs, filters leave out, a key opens a design with its command. */
usePage((check) => {
  const { measures, axes, designs } = JSON.parse(document.getElementById("designs").textContent);
  const { front } = JSON.parse(document.getElementById("exploration").textContent);
  const scatter = document.getElementById("scatter");
  const choose = (id, value) => {
    const select = document.getElementById(id);
    select.value = String(value);
    select.dispatchEvent(new Event("change"));
  };
  const measure = (name) => measures.findIndex((each) => each.name === name);
  const marks = () => [...scatter.querySelectorAll("circle.mark")];
  const places = (list) => list.map((each) => Number(each.dataset?.place ?? each.place)).sort((a, b) => a - b);
  const dots = () => [...scatter.querySelectorAll(".beaten")].map((path) => path.getAttribute("d").split("h0").length - 1)
    .reduce((sum, count) => sum + count, 0);

  check("marks are the front", places(marks()), places(front));
  choose("x", measure("area"));
  choose("y", measure("latency"));
  check("every other design is a dot", dots(), designs.filter((each) => !each.front).length);
  const across = marks().map((mark) => [Number(mark.getAttribute("cx")), Number(mark.dataset.place)]).sort((a, b) => a[0] - b[0]);
  const byArea = front.map((each) => [each.area_mm2, each.place]).sort((a, b) => a[0] - b[0]);
  check("places across", across.map(([, place]) => place), byArea.map(([, place]) => place));

  choose("y", measure("rate"));
  const rated = designs.filter((each) => each.is[measure("rate")] !== null);
  check("what was not simulated has no rate", dots() + marks().length, rated.length);
  const bars = scatter.querySelector(".interval").getAttribute("d").split("V").length - 1;
  check("intervals", bars, designs.filter((each) => each.rate).length);
  const up = marks().map((mark) => [Number(mark.getAttribute("cy")), Number(mark.dataset.place)]).sort((a, b) => b[0] - a[0]);
  const byRate = front.map((each) => [each.rate_percent, each.place]).sort((a, b) => a[0] - b[0]);
  check("more is higher", up.map(([, place]) => place), byRate.map(([, place]) => place));

  choose("y", measure("latency"));
  const filtered = axes.findIndex((axis, place) => place > 1 && axis.values.length > 1);
  choose(`filter-${filtered}`, 0);
  check("filtered", dots() + marks().length, designs.filter((each) => each.at[filtered] === 0).length);
  choose(`filter-${filtered}`, "");
  choose("colour", `measure-${measure("energy")}`);
  const names = document.querySelectorAll("#legend .kind").length;
  check("colours have names", names, 6);

  const press = (mark, key) => mark.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const open = (place) => press(marks().find((mark) => Number(mark.dataset.place) === place), "Enter");
  const commands = () => [...document.querySelectorAll("#chosen .command")].map((each) => each.textContent);
  const crossed = () => document.querySelector("#parallel .own-line").getAttribute("d");
  front.forEach((design) => {
    open(design.place);
    check(`the command of ${design.place}`, commands()[0], design.command);
    const lines = [...document.querySelectorAll("#parallel .front-line")];
    check(`the line of ${design.place}`, lines.some((line) => line.getAttribute("d") === crossed()), true);
    check(`its mark has the focus`, Number(document.activeElement.dataset.place), design.place);
  });
  check("a line a design of the front", document.querySelectorAll("#parallel .front-line").length, front.length);

  checkDetails(check, open, front);
  checkBeaten(check, (key) => press(scatter, key), { measures, axes, designs });
  const rows = [...document.querySelectorAll("#front tbody tr")];
  rows.forEach((row, each) => {
    row.querySelector("th a").click();
    check(`row ${each} leads to its design`, commands()[0], front[each].command);
  });
  check("a row a design", rows.length, front.length);
  open(front[0].place);
});

/* A design of the front has its price and its mapping on the page, or how to get them. */
function checkDetails(check, open, front) {
  const { names, designs: details } = JSON.parse(document.getElementById("details").textContent);
  const [drawn, large, none] = front.map((design) => design.place).sort((a, b) => a - b);
  const rows = () => [...document.querySelectorAll("#price tbody tr")];
  const visible = () => rows().filter((row) => row.offsetHeight > 0);
  const value = (row, column) => Number(row.cells[column].dataset.value);
  const choose = (id, chosen) => {
    const select = document.getElementById(id);
    select.value = chosen;
    select.dispatchEvent(new Event("change"));
  };
  const sums = (column) => {
    const leaves = rows().filter((row) => !row.querySelector("button"));
    const sum = leaves.reduce((total, row) => total + value(row, column), 0);
    return Math.abs(sum / value(rows()[0], column) - 1) < 1e-5;
  };

  open(drawn);
  check("the price is that of the design", value(rows()[0], 1), details[drawn].by_component[1] * 1e-6);
  check("areas sum by component", sums(1), true);
  check("energies sum by component", sums(3), true);
  check("all components are seen", visible().length, rows().length);
  const fold = rows()[1].querySelector("button");
  fold.click();
  check("a part closes", [fold.getAttribute("aria-expanded"), visible().length < rows().length], ["false", true]);
  fold.click();
  check("and opens", visible().length, rows().length);
  choose("price-by", "layer");
  const layers = details[drawn].layers;
  const inside = visible().filter((row) => row.dataset.depth === "1").map((row) => row.cells[0].textContent);
  check("every layer has its price", layers.every(([name], place) => place === 0 || inside.includes(names[name])), true);
  check("layers are closed", visible().every((row) => row.dataset.depth !== "2"), true);
  check("areas sum by layer", sums(1), true);

  const select = () => document.getElementById("layer-select");
  check("every layer can be chosen", [...select().options].map((option) => option.textContent.split(": ")[0]), layers.map(([name]) => names[name]));
  check("the layer with most crossbars is first", Number(select().value), layers.findIndex(([, crossbars]) => crossbars === Math.max(...layers.map((layer) => layer[1]))));
  choose("layer-select", "1");
  const panels = [...document.querySelectorAll("#layer .panel")].filter((panel) => panel.offsetHeight > 0);
  check("one drawing", panels.length, 1);
  check("that of the layer", Number(panels[0].dataset.panel), layers[1][2]);
  const cells = panels[0].querySelector(".cells");
  cells.scrollIntoView({ behavior: "instant" });
  cells.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", cancelable: true }));
  check("its cells are read", panels[0].querySelector(".readout").textContent.startsWith("word line 0, bit line 1: input channel"), true);
  check("it can be saved", panels[0].querySelectorAll(".save").length, panels[0].querySelectorAll("svg").length);

  open(large);
  check("no layer of it is drawn", [...select().options].every((option) => option.disabled && option.textContent.endsWith("(not drawn)")), true);
  const told = () => document.getElementById("mapping").textContent;
  check("that is said", told().includes("0 of 5 layers are drawn"), true);
  check("and how to see it", /tilewright explore '.*' --crossbar \d+ --scheme [a-z0-9-]+ --format html -o design.html/.test(told()), true);
  open(none);
  check("what the page does not hold is said", told().includes("not on this page"), true);
  check("nothing is left of another design", document.getElementById("price").textContent, "");
}

/* The arrow keys go through all designs; of one that is not on the front the page says why, and what beats it. */
function checkBeaten(check, press, { measures, axes, designs }) {
  const measure = (name) => measures.findIndex((each) => each.name === name);
  const [area, latency, energy, rate] = ["area", "latency", "energy", "rate"].map(measure);
  const chosen = () => {
    const values = [...document.querySelectorAll("#facts dd")].map((value) => value.textContent);
    return designs.find((design) => axes.every((axis, place) => axis.values[design.at[place]] === values[place]));
  };
  const seen = new Set();
  const found = { beyond: 0, beaten: 0 };
  for (let step = 0; step < designs.length; step += 1) {
    press("ArrowRight");
    const design = chosen();
    seen.add(design.place);
    if (design.front) continue;
    const words = document.getElementById("facts").textContent;
    const [network, , crossbar, scheme] = axes.map((axis, place) => axis.values[design.at[place]]);
    const command = `tilewright cost '${network}' --crossbar ${crossbar} --scheme ${scheme} --constants mine.toml`;
    check(`the command of ${design.place}, which is beaten`, document.querySelector("#facts .command").textContent, command);
    const keeps = design.is[energy] <= 15;
    check(`whether ${design.place} keeps to the limit`, words.includes("does not keep to energy <= 15"), !keeps);
    if (!keeps) found.beyond += 1;
    const link = document.querySelector("#facts .link");
    if (!link) continue;
    found.beaten += 1;
    const better = designs.find((each) => each.place === Number(link.dataset.place));
    const best = design.rate?.[1] ?? -Infinity;
    check(`${better.place} beats ${design.place}`, better.front && better.is[area] <= design.is[area] && better.is[latency] <= design.is[latency] && better.is[rate] >= best, true);
    link.click();
    check(`a click leads to ${better.place}`, chosen().place, better.place);
    press("ArrowLeft");
    while (chosen().place !== design.place) press("ArrowLeft");
  }
  check("the arrow keys reach every design", seen.size, designs.length);
  check("some designs are beyond the limit, and some beaten", [found.beyond > 0, found.beaten > 0], [true, true]);
  press("ArrowDown");
  check("the other arrow keys stay on the front", chosen().front, true);
}
