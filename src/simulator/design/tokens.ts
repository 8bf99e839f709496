/** The tokens of the design: colors for light and dark, the scale of type, and spacing. */

/** Custom properties of the style sheet. All colors of text have a contrast of at least 4.5 on their surfaces. */
export const tokens = `:root {
  color-scheme: light dark;
  --paper: #f4f2ec; --surface: #fffdf9; --sunken: #ece9e1; --line: #d6d1c5; --edge: #7d7869;
  --ink: #16232b; --soft: #4f5d66;
  --accent: #0a5f63; --accent-strong: #084a4d; --on-accent: #ffffff; --accent-wash: #dcebe8;
  --warn: #7f4300; --warn-wash: #fbecd2; --warn-line: #d9a860;
  --bad: #961b2b; --bad-wash: #fae4e4; --bad-line: #d99a9f;
  --good: #1d6238; --good-wash: #dff0e2;
  --focus: #b4430b; --shade: 0 1px 2px rgb(22 35 43 / .07), 0 6px 20px rgb(22 35 43 / .05);
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --t-s: .8125rem; --t-m: .9375rem; --t-l: 1.125rem; --t-xl: 1.375rem; --t-xxl: clamp(1.625rem, 1.3rem + 1.4vw,
    2.125rem);
  --s1: .25rem; --s2: .5rem; --s3: .75rem; --s4: 1rem; --s5: 1.5rem; --s6: 2.25rem; --s7: 3.5rem;
  --round: .625rem
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10171b; --surface: #182127; --sunken: #111a1f; --line: #2f3c44; --edge: #7f909a;
    --ink: #e6ebed; --soft: #a6b4bc;
    --accent: #6fd0c8; --accent-strong: #92e0d9; --on-accent: #06211f; --accent-wash: #17383a;
    --warn: #f0bd75; --warn-wash: #38290f; --warn-line: #7a5a25;
    --bad: #f39aa3; --bad-wash: #3b1a1f; --bad-line: #803c45;
    --good: #8bd3a1; --good-wash: #16321f;
    --focus: #ffa868; --shade: 0 1px 2px rgb(0 0 0 / .4)
  }
}
`
