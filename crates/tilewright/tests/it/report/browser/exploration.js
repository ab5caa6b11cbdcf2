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

  const own = marks().find((mark) => Number(mark.dataset.place) === front[0].place);
  own.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  check("its command", document.querySelector("#chosen .command").textContent, front[0].command);
  check("a line a design of the front", document.querySelectorAll("#parallel .front-line").length, front.length);
  check("its line", document.querySelectorAll("#parallel .front-line.own").length, 1);
});
