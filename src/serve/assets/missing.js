/** The page for an address where nothing is. */
import { byId } from '/assets/page/dom.js';
import { dress, entitle, sayer } from './dress.js';
import { inLang } from './lang.js';
import { MISSING } from './words/missing.js';

const say = sayer(MISSING);
dress(say);
inLang(() => entitle(say('heading')));
byId('address').textContent = decodeURI(location.pathname);
