/* What the doctor finds around a store. */
#ifndef TM_CLI_DOCTOR_H
#define TM_CLI_DOCTOR_H

#include "gate/doctor.h"

/* Looks at the file and its directory, or only at this machine where the path is an address. Texts go into the doctor's arena. 0,
 * or -1: no memory. */
int tm_place_look(struct tm_doctor *doctor, const char *path);

#endif
