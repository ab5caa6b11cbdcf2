
/* What a mark of a figure says under the pointer, as its title, a finger or the arrow keys read below the figure. */
const readMarks = (root) => root.querySelectorAll("figure .drawing svg").forEach((svg) => {
  const marks = [...svg.querySelectorAll("title")].map((title) => title.parentElement).filter((mark) => mark !== svg);
  if (marks.length === 0) return;
  const readout = Object.assign(document.createElement("p"), { className: "readout mark-readout" });
  readout.setAttribute("aria-live", "polite");
  let at = -1;
  const read = (place) => {
    marks[at]?.classList.remove("is-read");
    at = place;
    marks[at].classList.add("is-read");
    readout.textContent = marks[at].querySelector("title").textContent;
    svg.closest(".drawing").after(readout);
  };
  svg.setAttribute("tabindex", 0);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    read((Math.max(at, step < 0 ? 0 : -1) + step + marks.length) % marks.length);
  });
  svg.addEventListener("pointerdown", ({ target }) => {
    const place = marks.findIndex((mark) => mark.contains(target));
    if (place >= 0) read(place);
  });
});
readMarks(document);
