// How the public pages look: the design's colours, body text of 16 px, usable from 360 px on, and plain on paper.
export const style = `
:root { --ink: #1f2328; --soft: #59636e; --line: #d8dee4; --primary: #0958d9; --paper: #fff; --wash: #f6f8fa; --good: #1a7f37; --warn: #9a6700; --bad: #cf222e; color-scheme: light }
* { box-sizing: border-box }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: baseline; justify-content: space-between; padding: 16px max(16px, calc(50vw - 360px)); border-bottom: 1px solid var(--line) }
nav { display: flex; flex-wrap: wrap; gap: 4px 20px }
main { max-width: 752px; margin: 0 auto; padding: 24px 16px 64px }
.brand { font-weight: 600; color: inherit }
h1 { font-size: 24px; line-height: 1.3; margin: 8px 0 16px }
h2 { font-size: 18px; margin: 32px 0 8px }
a { color: var(--primary); text-underline-offset: 3px } nav a, .brand { text-decoration: none } nav a:hover, nav a:focus { text-decoration: underline }
:focus-visible { outline: 3px solid var(--primary); outline-offset: 2px }
p, ul { margin: 0 0 12px } ul { padding-left: 20px }
form { margin: 16px 0 24px }
label { display: block; font-weight: 600; margin: 12px 0 4px }
.hint { color: var(--soft); font-weight: 400; font-size: 14px }
input { width: 100%; max-width: 420px; min-height: 44px; padding: 8px 12px; font: inherit; color: inherit; background: var(--paper); border: 1px solid #8c959f; border-radius: 6px }
button { display: block; min-height: 44px; margin-top: 16px; padding: 8px 24px; font: inherit; font-weight: 600; color: #fff; background: var(--primary); border: 0; border-radius: 6px; cursor: pointer }
.drop { padding: 20px; border: 2px dashed var(--line); border-radius: 8px; background: var(--wash) } .drop.over { border-color: var(--primary) }
.told { padding: 16px 20px; border: 1px solid var(--line); border-left-width: 6px; border-radius: 6px; margin: 0 0 24px }
.told p { margin: 0 } .told .lamp { font-size: 18px; font-weight: 600 }
.good { border-left-color: var(--good) } .good .lamp { color: var(--good) }
.warn { border-left-color: var(--warn) } .warn .lamp { color: var(--warn) }
.bad { border-left-color: var(--bad) } .bad .lamp { color: var(--bad) }
dl { margin: 0 0 16px } dl div { display: grid; grid-template-columns: minmax(96px, 160px) 1fr; gap: 8px; padding: 8px 0; border-bottom: 1px solid var(--line) }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 14px; background: var(--wash); padding: 2px 6px; border-radius: 4px; overflow-wrap: anywhere }
@media (max-width: 480px) { dl div { grid-template-columns: 1fr; gap: 0 } }
@media print { nav, form, button { display: none } header { border: 0; padding-left: 16px } .told { border-color: #000 } a { color: inherit } }
`.trim()

export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0958d9"/><rect x="8" y="9" width="5" height="14" rx="1" fill="#fff"/><path d="M17 9l9 7-9 7z" fill="#fff"/></svg>'

/** A letter may be dropped anywhere on the form; without scripts the form works as it is. */
export const dropScript = `
const form = document.querySelector('form.drop'), file = form && form.querySelector('input[type=file]')
if (form && file) {
  for (const kind of ['dragover', 'drop']) addEventListener(kind, (event) => event.preventDefault())
  form.addEventListener('dragover', () => form.classList.add('over'))
  form.addEventListener('dragleave', () => form.classList.remove('over'))
  form.addEventListener('drop', (event) => {
    form.classList.remove('over')
    if (event.dataTransfer.files.length === 1) { file.files = event.dataTransfer.files; form.requestSubmit() }
  })
}
`.trim()
