/** What calibration reads where it is given nothing: plain sentences of several kinds, lengths and cases. */
export const CALIBRATION_TEXTS: readonly string[] = [
  'The ferry leaves at 7:45 and reaches the island before the heat of the day.',
  'I asked for a refund twice, and nobody has answered me in three weeks.',
  'What a joy of a book: short, strange, and kinder than it lets on.',
  'Yesterday the council voted 9 to 4 to keep the old library open until 2031.',
  'Battery life is poor, but the screen is bright and the keys feel right.',
  'no, really, it’s fine — we only waited two hours for cold soup',
  'Which of the two rivers is longer, and where do they meet?',
  'The soundtrack does all the work; the actors seem to be reading their lines off the wall.',
  'Dr. Amara Osei joined the University of Ghana in 1998 after ten years at Siemens in Munich.',
  'Add the flour a spoon at a time, stir until smooth, then let the dough rest for an hour.',
  'lol that ending!!! did not see it coming :) 10/10 would cry again',
  'Shares of the company fell by 3.2 % on Tuesday after it cut its forecast for the year.',
  'Not the worst film of the season, though it tries hard to be.',
  'Please find attached the minutes of the meeting and the list of open questions.',
  'The village had one road, one shop and forty cats, and all three were ruled by my grandmother, who counted them every evening from her chair by the window.',
  'Good.',
];
