"use strict";

/* Appended to a copy of a page, before a script that uses it as a person would; what was checked is written to #outcome. */
function usePage(use) {
  addEventListener("load", () => {
    const outcome = [];
    const check = (name, found, expected) => {
      outcome.push({ name, found, expected, ok: JSON.stringify(found) === JSON.stringify(expected) });
    };
    check("errors", window.pageErrors, []);
    use(check);

    const background = () => getComputedStyle(document.body).backgroundColor;
    const tick = () => getComputedStyle(document.querySelector("svg .tick, svg .axis")).fill;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const colours = { dark: "rgb(20, 23, 28)", light: "rgb(255, 255, 255)" };
    check("follows the system", background(), colours[dark ? "dark" : "light"]);
    const first = tick();
    document.getElementById("theme").click();
    check("the other theme", background(), colours[dark ? "light" : "dark"]);
    check("figures follow", tick() !== first, true);
    document.getElementById("theme").click();
    check("and back", background(), colours[dark ? "dark" : "light"]);
    check("nothing wider than the screen", document.documentElement.scrollWidth <= innerWidth, true);
    check("errors at the end", window.pageErrors, []);

    const result = document.createElement("pre");
    result.id = "outcome";
    result.textContent = JSON.stringify({ dark, outcome });
    document.body.append(result);
  });
}
