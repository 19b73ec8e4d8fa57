/* A function whose name has 512 characters, as those of templates may have, and one that is called when it is registered. */
#define JOIN(a, b)  JOIN_(a, b)
#define JOIN_(a, b) a##b
#define S8          ssssssss
#define S16         JOIN(S8, S8)
#define S32         JOIN(S16, S16)
#define S64         JOIN(S32, S32)
#define S128        JOIN(S64, S64)
#define S256        JOIN(S128, S128)
#define S512        JOIN(S256, S256)

int S512(void *context, const void *input, void *output);
int JOIN(S512, _open)(void **context);

static int calls;

int S512(void *context, const void *input, void *output)
{
    (void)input, (void)output;
    int *counted = context;
    if (!counted)
        return 1;
    ++*counted;
    return 0;
}

int JOIN(S512, _open)(void **context)
{
    *context = &calls;
    return 0;
}
