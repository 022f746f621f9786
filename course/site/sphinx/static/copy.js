// A button on each block of code that copies it; of a console block, the commands alone.
function textOf(block) {
  const text = block.querySelector("pre").innerText;
  if (!block.classList.contains("highlight-console")) return text;
  return commandsOf(text.split("\n")).join("\n") + "\n";
}

function commandsOf(lines) {
  const commands = [];
  let goesOn = false;
  for (const line of lines) {
    if (goesOn || line.startsWith("$ ")) {
      commands.push(goesOn ? line : line.slice(2));
      goesOn = line.endsWith("\\");
    }
  }
  return commands;
}

function addButton(block) {
  const button = document.createElement("button");
  button.className = "copy";
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(textOf(block));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  block.append(button);
}

for (const block of document.querySelectorAll('div[class*="highlight-"]')) {
  if (navigator.clipboard && block.querySelector("pre")) addButton(block);
}
