/* A disk that takes no sync: what a program asks to be made safe is not, and it is told. */
#include <errno.h>

int fsync(int file);
int fdatasync(int file);

int fsync(int file)
{
    (void)file;
    errno = EIO;
    return -1;
}

int fdatasync(int file)
{
    return fsync(file);
}
