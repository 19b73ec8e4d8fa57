/* Needs something that nobody has. */
int bad_undefined(void *context, const void *input, void *output);
int something_that_nobody_has(void);

int bad_undefined(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    return something_that_nobody_has();
}
