/* One formula at least of every kind that KaTeX draws in its own way. */
export const formulas = String.raw`\frac{a}{b}; \sqrt[3]{x}; \binom{n}{k}; \sum_{i=0}^n i^2; \int\limits_0^1 x; \lim_{x\to 0}; \left( x \middle| y \right]; \Bigl\{ x \Bigr\};
  \overline{x}; \underbrace{y}_z; \overbrace{y}^z; \hat{a}; \vec{b}; \widehat{abc}; \overrightarrow{AB}; \mathbb{R}; \mathcal{L}; \mathfrak{g}; \mathscr{F}; \mathrm{d}; \mathsf{x};
  \text{if } x; \text{\textbf{b} \textit{i} \texttt{t}}; \operatorname{rank} A; \operatorname*{argmax}_x; \begin{pmatrix}1&2\\[2pt]3&4\end{pmatrix}; \begin{cases}a & b\\c\end{cases};
  \begin{array}{c|c}\hline a&b\end{array}; \color{red}x; \textcolor{blue}{x}; \colorbox{blue}{y}; \fcolorbox{red}{blue}{y}; \boxed{z}; \cancel{q}; \bcancel{q}; \sout{q}; \phase{q};
  \phantom{w}; \hphantom{w}; \vphantom{w}; \xrightarrow[a]{b}; \xleftrightarrow{x}; \raisebox{1em}{u}; \rule{1em}{2em}; x \tag{1}; \large x; \tiny x; \displaystyle y; \not= x; \ldots;
  \verb|x|; a\hspace{1em}b; \smash{y}; \mathllap{z}; \mathclap{z}; \underline{x}; \stackrel{a}{b}; a \bmod{3}; a \pmod{3}; \overset{a}{b}; \underset{a}{b};
  \begin{aligned}a&=b\\&=c\end{aligned}; \begin{gathered}a\\b\end{gathered}; \begin{smallmatrix}a&b\end{smallmatrix}; \bold{x}; \boldsymbol{\alpha}; \bm{x}; \pmb{v}; \vcenter{a};
  \mathop{x}; \mathbin{x}; \mathrel{x}; \mathord{x}; \mathinner{x}; \angl n; \utilde{ab}; \Braket{a|b}; \mathchoice{a}{b}{c}{d}; x'; x^{y^z}_a; \sin x; \not\in; \KaTeX; \TeX; \LaTeX;
  1{,}000.5; 3.14; \neq; \leq; \infty; \partial; \nabla; \forall; \exists; \emptyset; \ce; \href{https://x}{y}; \htmlClass{a}{b}; \includegraphics{x}; \begin{CD}A @>a>> B\\@VVV @VVV\\C @= D\end{CD};
  \reflectbox{x}; \genfrac(]{0pt}{1}{a}{b}; \cfrac{a}{b}; \dfrac{a}{b}; \overgroup{AB}; \underleftarrow{AB}; \mathring{a}; \ddot{a}; \dots; \cdots; \hbox{x}; \def\a{b}\a; \unicode; é; 中; 𝐀; \char"41;
  \xlongequal{x}; \overbracket{x}; \limsup_x; \idotsint; \oiint; \Re; \hslash; \aleph; \mathit{x}; \Bbb{x}; \frak{x}; \bf x; \tt x; \sf x; \it x; \imath; \;; \!; \quad; \mathstrut; \raise`
  .split(/;\s/)
  .map((formula) => formula.trim())
  .filter(Boolean);
