/* The search: what the pages say comes before names of the library that merely contain the word. */
Object.assign(Scorer, { objPartialMatch: 1, objPrio: {}, objPrioDefault: 0 });
