/* Enhancement only: every page works without this script. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  /* A refused form: the summary is read first, and each of its links goes to the control itself. */
  const summary = document.getElementById("error-summary");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      const control = link && document.getElementById(link.hash.slice(1));
      if (!control) return;
      event.preventDefault();
      (control.closest(".field") || control).scrollIntoView({ block: "start" });
      control.focus({ preventScroll: true });
    });
  }

  /* Chosen file: say its name and size. */
  for (const input of document.querySelectorAll(".upload input[type=file]")) {
    input.addEventListener("change", () => {
      const file = input.files[0];
      const output = input.parentElement.querySelector("output");
      output.textContent = file ? `已选 ${file.name}，${(file.size / 1048576).toFixed(1)} MB` : "";
      const tooLarge = file && file.size > 10 * 1048576;
      input.setCustomValidity(tooLarge ? "文件超过 10 MB，请拍小一些或压缩后再选。" : "");
      if (tooLarge) input.reportValidity();
    });
  }

  /* One filled form is sent once. */
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    }));
    window.addEventListener("pageshow", () => {
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    });
  }

  /* Copy a number. */
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.setAttribute("aria-label", "已复制");
      const word = button.querySelector("span");
      if (word) word.textContent = "已复制";
    });
  }

  /* A table that scrolls in its card can be reached and scrolled by keyboard. */
  for (const box of document.querySelectorAll(".scroll, .results")) {
    if (box.scrollWidth <= box.clientWidth) continue;
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    const heading = box.closest(".card, .module")?.querySelector("h2, caption");
    box.setAttribute("aria-label", `${heading ? heading.textContent.trim() : ""}表格，可左右滚动`);
  }

  /* Print. */
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

  /* Filter pull-downs: one open at a time, closed by Escape or a click elsewhere. */
  const pulls = [...document.querySelectorAll("details.pull")];
  if (pulls.length) {
    document.addEventListener("click", (event) => {
      for (const pull of pulls) if (!pull.contains(event.target)) pull.open = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      for (const pull of pulls) if (pull.open) { pull.open = false; pull.querySelector("summary").focus(); }
    });
  }

  /* Keys on the decision bar: a button's data-key, when no field has the focus. */
  const keyed = new Map([...document.querySelectorAll("[data-key]")].map((b) => [b.dataset.key.toLowerCase(), b]));
  if (keyed.size) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select")) return;
      const button = keyed.get(event.key.toLowerCase());
      if (button) { event.preventDefault(); button.focus(); }
    });
  }

  /* Certificate ruler: cut the typed number into its parts, always the 22-place layout of annex 2. */
  const LAYOUT = [[1, "类别"], [4, "备案"], [2, "省市"], [6, "机构"], [2, "年份"], [1, "等级"], [6, "流水号"]];
  for (const ruler of document.querySelectorAll("[data-ruler]")) {
    const input = document.getElementById(ruler.dataset.ruler);
    if (!input) continue;
    input.addEventListener("input", () => {
      const text = input.value.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
      let start = 0;
      ruler.replaceChildren(...LAYOUT.map(([length, label]) => {
        const part = document.createElement("li");
        const letters = document.createElement("b");
        letters.textContent = text.slice(start, start + length) || "·";
        part.append(letters, label);
        start += length;
        return part;
      }));
    });
  }

  /* Type-ahead. */
  const OTHER = "列表里没有，按证书填写";
  const marked = (name, typed) => {
    const holder = document.createElement("span");
    let wanted = 0;
    for (const letter of name) {
      const hit = letter === typed[wanted];
      if (hit) wanted += 1;
      const last = holder.lastElementChild;
      if (hit && last && holder.lastChild === last) last.textContent += letter;
      else if (hit) { const bold = document.createElement("b"); bold.textContent = letter; holder.append(bold); }
      else holder.append(letter);
    }
    return holder;
  };
  const attach = (combo) => {
    const [input, chosen] = combo.querySelectorAll("input");
    const list = document.createElement("ul");
    const status = document.createElement("p");
    let rows = [], current = -1, timer = 0, asked = 0;
    list.className = "listbox"; list.id = `list_${input.id}`; list.setAttribute("role", "listbox"); list.hidden = true;
    list.setAttribute("aria-label", "可选的名称");
    status.className = "sr"; status.setAttribute("role", "status");
    combo.append(list, status);
    input.setAttribute("role", "combobox"); input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id); input.setAttribute("aria-expanded", "false");

    const close = () => { list.hidden = true; current = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const point = (index) => {
      current = index;
      [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
      if (index >= 0) input.setAttribute("aria-activedescendant", list.children[index].id);
    };
    const pick = (index) => {
      const row = rows[index];
      if (row) { input.value = row.name; chosen.value = row.id; } else chosen.value = "";
      close(); input.focus();
    };
    const show = () => {
      const typed = input.value.trim();
      list.replaceChildren(...[...rows, null].map((row, index) => {
        const line = document.createElement("li");
        line.id = `${list.id}_${index}`; line.setAttribute("role", "option"); line.setAttribute("aria-selected", "false");
        if (row) {
          line.append(marked(row.name, typed));
          const also = row.matched && row.matched !== row.name;
          if (row.retired || also) {
            const note = document.createElement("small");
            if (also) note.append("又名 ", marked(row.matched, typed));
            if (row.retired) note.append(also ? "，旧名称，可选" : "旧名称，可选");
            line.append(note);
          }
        } else { line.className = "other"; line.textContent = `${OTHER}“${typed}”`; }
        line.addEventListener("mousedown", (event) => { event.preventDefault(); pick(index); });
        return line;
      }));
      list.hidden = false; current = -1; input.setAttribute("aria-expanded", "true");
      status.textContent = `${rows.length} 个可选，用上下键选择`;
    };
    const ask = async () => {
      const typed = input.value.trim();
      if (!typed) { rows = []; close(); return; }
      const turn = ++asked;
      const answer = await fetch(`${combo.dataset.combo}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer || !answer.ok || turn !== asked) return;
      rows = (await answer.json()).slice(0, 8);
      if (document.activeElement === input) show();
    };
    input.addEventListener("input", () => { chosen.value = ""; clearTimeout(timer); timer = setTimeout(ask, 180); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || list.hidden) return;
      const count = list.children.length;
      if (event.key === "ArrowDown") point((current + 1) % count);
      else if (event.key === "ArrowUp") point((current + count - 1) % count);
      else if (event.key === "Enter" && current >= 0) pick(current);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
  };
  for (const combo of document.querySelectorAll("[data-combo]")) attach(combo);
})();
