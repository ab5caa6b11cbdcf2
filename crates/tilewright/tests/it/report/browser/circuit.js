/* The page of a crossbar's losses: table and figures say what its data do. */
usePage((check) => {
  const [, sweeps] = JSON.parse(document.getElementById("circuit").textContent);
  const points = sweeps.flatMap((sweep) => sweep.points);
  const rows = [...document.querySelectorAll("#numbers tbody tr")];
  const cells = (place) => rows.map((row) => row.cells[place].textContent);
  const percent = (share, digits) => `${(100 * share).toFixed(digits)} %`;
  check("values", cells(1).map(Number), points.map((point) => point.value));
  check("losses", cells(2), points.map((point) => percent(point.mean_loss, 3)));
  check("worst", cells(3), points.map((point) => percent(point.worst_loss, 3)));
  check("best", cells(4), points.map((point) => percent(point.least_loss, 3)));

  const told = (svg) => [...svg.querySelectorAll("circle.mark title")].map((title) => title.textContent);
  const ofSize = sweeps.filter((sweep) => ["size", "column-length"].includes(sweep.varied));
  check("marks of sizes", told(document.querySelector("#sizes svg")), ofSize.flatMap((sweep) => sweep.points)
    .map((point) => `${point.value} rows: ${percent(point.mean_loss, 2)} of the current lost`));
  const others = sweeps.filter((sweep) => !ofSize.includes(sweep));
  const figures = [...document.querySelectorAll("#sensitivities figure")];
  check("a figure a sweep", figures.length, others.length);
  others.forEach((sweep, place) => {
    const kinds = [["best column", "least_loss"], ["worst column", "worst_loss"], ["all columns", "mean_loss"]];
    const expected = kinds.flatMap(([words, key]) => sweep.points.map((point) => `${words}, ${percent(point[key], 2)}`));
    const found = told(figures[place]).map((text) => text.replace(/^.*: (.*) of the current lost$/, "$1"));
    check(`marks of ${sweep.varied}`, found, expected);
    // More current lost is higher up.
    const heights = [...figures[place].querySelectorAll("circle.n0")].map((mark) => Number(mark.getAttribute("cy")));
    const losses = sweep.points.map((point) => point.mean_loss);
    const order = (list, sign) => list.map((_, at) => at).sort((a, b) => sign * (list[a] - list[b]) || a - b);
    check(`heights of ${sweep.varied}`, order(heights, -1), order(losses, 1));
    const places = [...figures[place].querySelectorAll("circle.n0")].map((mark) => Number(mark.getAttribute("cx")));
    check(`places of ${sweep.varied}`, places, [...places].sort((a, b) => a - b));
  });
});
