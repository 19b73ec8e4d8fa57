/* The forms of the command compare: those of report/compare/, and the lists, a row a plugin, that the other lists of the program
 * have too. */
#ifndef TM_CLI_COMPARE_FORMS_H
#define TM_CLI_COMPARE_FORMS_H

#include "report/forms/forms.h"

/* tables of forms, as tm_forms is one; in the second one the text has every row. */
extern const struct tm_form tm_compare_forms[], tm_compare_forms_all[];

#endif
