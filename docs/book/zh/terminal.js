// A terminal's wide characters take two cells: each run of them gets that width.
document.querySelectorAll('pre > code.language-console').forEach((block) => {
  const pieces = block.textContent.split(/([\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\u3000-\u303f]+)/);
  block.replaceChildren(...pieces.map((piece, place) => {
    if (place % 2 === 0) return document.createTextNode(piece);
    const wide = document.createElement('span');
    wide.className = 'wide';
    wide.style.width = `${2 * piece.length}ch`;
    wide.textContent = piece;
    return wide;
  }));
});
