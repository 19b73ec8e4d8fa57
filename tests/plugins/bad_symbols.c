/* Symbols that are not what a loader expects. */
int not_a_function = 7;

int cannot_open(void *context, const void *input, void *output);
int cannot_open_open(void **context);

int cannot_open(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    return 0;
}

int cannot_open_open(void **context)
{
    (void)context;
    return 13;
}
