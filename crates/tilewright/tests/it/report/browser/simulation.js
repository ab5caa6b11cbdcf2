/* The page of a simulation: table, curves and layers say what its data do. */
usePage((check) => {
  const report = JSON.parse(document.getElementById("simulation").textContent);
  const hundredths = (share) => `${(100 * share).toFixed(2)}\u202f%`;
  const rows = [...document.querySelectorAll("#runs tbody tr")];
  const cells = (place) => rows.map((row) => row.cells[place].textContent);
  const of = (value) => report.runs.map(value);
  check("hardware", cells(0), of(({ varied }) => varied.map(({ option, value }) => `${option} ${value}`).join(", ") || "as typed"));
  check("rates", cells(1), of((run) => hundredths(run.mean.mean)));
  check("intervals", cells(2), of((run) => run.interval.map(hundredths).join(" to ")));
  check("digital", cells(4), of((run) => hundredths(run.digital.rate)));
  check("points lost", cells(5), of((run) => (100 * (run.digital.rate - run.mean.mean)).toFixed(2)));
  check("crossbars", cells(6).map((text) => Number(text.replace(/\D/g, ""))), of((run) => run.crossbars));
  check("headline", document.querySelector(".totals .first strong").textContent, hundredths(report.runs[0].mean.mean));

  const told = (node, marks) => [...node.querySelectorAll(`${marks} title`)].map((title) => title.textContent);
  const alone = report.runs.filter((run) => run.varied.length === 1).map((run) => ({ ...run, varied: run.varied[0] }));
  const options = [...new Set(alone.map((run) => run.varied.option))];
  const figures = [...document.querySelectorAll("#curves figure")];
  check("a figure an option", figures.length, options.length);
  options.forEach((option, place) => {
    const runs = alone.filter((run) => run.varied.option === option);
    const expected = runs.map((run) => `${run.varied.value}: ${(100 * run.mean.mean).toFixed(2)}`).sort();
    const found = told(figures[place], "circle.mark").map((text) => text.replace(/^([^:]*: [0-9.]*).*$/, "$1"));
    check(`marks of ${option}`, [...found].sort(), expected);
    const x = [...figures[place].querySelectorAll("circle.mark")].map((mark) => Number(mark.getAttribute("cx")));
    check(`places of ${option}`, x, [...x].sort((a, b) => a - b));
  });

  const shown = told(document.querySelector("#layers"), "circle.n0").map((text) => text.replace(/, bias.*$/, ""));
  const layers = of((run) => run.layers.map(({ name, own }) => `${name}, own: ${own.snr_db?.toFixed(1)} dB, gain ${own.gain.toFixed(4)}`));
  check("layers of a run", layers.some((run) => JSON.stringify(run) === JSON.stringify(shown)), true);
  const maps = [...document.querySelectorAll("#crossbar figure")];
  check("maps of a crossbar", maps.length > 1, true);
  for (const map of maps) {
    const frame = map.querySelector(".frame").getBoundingClientRect();
    const heat = map.querySelector(".heat").getBoundingClientRect();
    check("cells fill the frame", [heat.left - frame.left, heat.right - frame.right].every((gap) => Math.abs(gap) < 2), true);
  }
});
