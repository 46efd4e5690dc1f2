import type { Row } from './row.ts';

/** What the page starts with: letters to a company, none of them real. */
export const LEARN: readonly Row[] = [
  { label: 'billing', text: 'I was charged twice for October.' },
  { label: 'billing', text: 'Please send me a receipt for my last payment.' },
  { label: 'billing', text: 'Why did the price of my plan go up?' },
  { label: 'billing', text: 'The refund has not reached my bank account yet.' },
  { label: 'billing', text: 'Can I pay by invoice instead of by card?' },
  { label: 'bug', text: 'The app closes as soon as I open the camera.' },
  { label: 'bug', text: 'Saving a file gives me an empty page.' },
  { label: 'bug', text: 'Since the update, the search finds nothing.' },
  { label: 'bug', text: 'The login button does nothing on my phone.' },
  { label: 'bug', text: 'Every export stops at ninety percent and hangs.' },
  { label: 'praise', text: 'Your support team answered within minutes, thank you!' },
  { label: 'praise', text: 'I love how simple the new design is.' },
  { label: 'praise', text: 'Best tool I have used in years.' },
  { label: 'praise', text: 'My whole family enjoys it every day.' },
  { label: 'praise', text: 'Setting it up was quick and pleasant.' },
];

export const CHECK: readonly Row[] = [
  { label: 'billing', text: 'There is a fee on my statement that I do not know.' },
  { label: 'billing', text: 'How do I change the card that you charge?' },
  { label: 'bug', text: 'The screen stays black after I sign in.' },
  { label: 'bug', text: 'My photos vanish when I rotate them.' },
  { label: 'praise', text: 'What a lovely little program, well done.' },
  { label: 'praise', text: 'It saves me an hour of work every week.' },
];
