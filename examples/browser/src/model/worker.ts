import { answerWith } from './answer.ts';
import { Heads } from './heads.ts';

answerWith(new Heads().answers);
