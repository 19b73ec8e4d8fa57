/* How many CPUs this process may use: affinity, cgroup v1 and v2 quotas, the least over all levels. */
#ifndef TM_RECORD_QUOTA_H
#define TM_RECORD_QUOTA_H

/* What TIDEMARK_CPUS says, or else what the system does. NAN (tm_rec_message): it could not be read, for want of memory or files.
 */
double tm_rec_usable_cpus(void);

/* What 100 % of a spike is: what TIDEMARK_CPUS says, or else one CPU, or what the process may use where that is less. NAN as above.
 */
double tm_rec_spike_cpus(void);

/* The same for tests, without the environment. root: "" or a directory with proc/ and sys/; affinity: the most it can be. */
double tm_rec_usable_cpus_at(const char *root, double affinity);

#endif
