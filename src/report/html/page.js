"use strict";
(function () {
  // Everything is on the page without this: it filters findings, and opens what is folded where that is wanted.
  var all = function (selector, within) {
    return Array.from((within || document).querySelectorAll(selector));
  };
  var by = function (id) {
    return document.getElementById(id);
  };

  // What a link leads to is opened, with all that it is folded into.
  var reveal = function () {
    var target = by(decodeURIComponent(location.hash.slice(1)));
    var at = target;
    while (at) {
      if (at.tagName === "DETAILS") { at.open = true; }
      at = at.parentElement;
    }
    if (target) { target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();
  // A box of a drawing that is chosen once more folds its files again.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("svg a");
    if (link === null) { return; }
    var target = by(link.getAttribute("href").slice(1));
    if (target === null) { return; }
    var folded = target.closest("details");
    if (folded.open) {
      if (folded.contains(link)) { return; }
      folded.open = false;
      event.preventDefault();
    } else {
      folded.open = true;
    }
  });

  // Paper has nothing to click on.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = all("details:not([open])");
    opened.forEach(function (one) { one.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (one) { one.open = false; });
  });

  var filter = by("filter");
  if (filter === null) { return; }
  filter.hidden = false;
  var findings = all("#list > li").map(function (item) {
    return { item: item, text: item.textContent.toLowerCase() };
  });
  var words = by("words");
  var matches = function (finding, wanted, choices, unchecked) {
    return wanted.every(function (word) { return finding.text.includes(word); }) === true
      ? choices.every(function (choice) {
          return choice.value === "" ? true : finding.item.dataset[choice.dataset.key] === choice.value;
        }) === true
        ? unchecked.every(function (box) {
            return finding.item.dataset[box.dataset.key] !== box.value;
          })
        : false
      : false;
  };
  var apply = function () {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var choices = all("select", filter);
    var unchecked = all("input[type=checkbox]:not(:checked)", filter);
    var shown = 0;
    findings.forEach(function (finding) {
      var is = matches(finding, wanted, choices, unchecked);
      finding.item.hidden = !is;
      if (is) { shown += 1; }
    });
    by("shown").textContent = shown + " of " + findings.length + " shown";
  };
  var later;
  filter.addEventListener("input", function () {
    clearTimeout(later);
    later = setTimeout(apply, 80);
  });
  by("reset").addEventListener("click", function () {
    words.value = "";
    all("select", filter).forEach(function (choice) { choice.value = ""; });
    all("input[type=checkbox]", filter).forEach(function (box) { box.checked = true; });
    apply();
  });
  var fold = function (open) {
    return function () {
      all("#list > li:not([hidden]) > details").forEach(function (one) { one.open = open; });
    };
  };
  by("open").addEventListener("click", fold(true));
  by("close").addEventListener("click", fold(false));
  apply();
})();
