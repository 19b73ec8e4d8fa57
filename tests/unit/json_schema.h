/* Checks a document against a JSON Schema, as far as docs/gate.schema.json uses it; a keyword that is not known here is a fault. */
#ifndef TM_TESTS_JSON_SCHEMA_H
#define TM_TESTS_JSON_SCHEMA_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

struct schema {
    const json_t *whole;
    char fault[512]; /* empty: none */
};

static inline bool wrong(struct schema *schema, const char *path, const char *what)
{
    snprintf(schema->fault, sizeof schema->fault, "%s %s", path, what);
    return false;
}

static inline bool is_of_type(const json_t *value, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(value)) || (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "string") == 0 && json_is_string(value)) || (strcmp(type, "number") == 0 && json_is_number(value)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(value)) || (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
           (strcmp(type, "null") == 0 && json_is_null(value));
}

static inline bool has_type(const json_t *value, const json_t *types)
{
    size_t i;
    const json_t *type;
    bool any = json_is_string(types) && is_of_type(value, json_string_value(types));
    json_array_foreach(types, i, type) any = any || is_of_type(value, json_string_value(type));
    return any;
}

static inline bool is_among(const json_t *value, const json_t *list)
{
    size_t i;
    const json_t *one;
    bool any = false;
    json_array_foreach(list, i, one) any = any || json_equal(value, one);
    return any;
}

static inline bool conforms(struct schema *schema, const json_t *rules, const json_t *value, const char *path);

static inline bool members_conform(struct schema *schema, const json_t *rules, json_t *value, const char *path)
{
    const char *key;
    json_t *member;
    size_t i;
    const json_t *required = json_object_get(rules, "required"), *name;
    char below[256];
    json_array_foreach(required, i, name) if (!json_object_get(value, json_string_value(name)))
    {
        snprintf(below, sizeof below, "%s/%s", path, json_string_value(name));
        return wrong(schema, below, "is not there");
    }
    json_object_foreach(value, key, member)
    {
        const json_t *rule = json_object_get(json_object_get(rules, "properties"), key);
        snprintf(below, sizeof below, "%s/%s", path, key);
        if (!rule && json_is_false(json_object_get(rules, "additionalProperties")))
            return wrong(schema, below, "is not in the schema");
        if (rule && !conforms(schema, rule, member, below))
            return false;
    }
    return true;
}

static inline bool items_conform(struct schema *schema, const json_t *rule, const json_t *value, const char *path)
{
    size_t i;
    const json_t *item;
    char below[256];
    json_array_foreach(value, i, item)
    {
        snprintf(below, sizeof below, "%s/%zu", path, i);
        if (!conforms(schema, rule, item, below))
            return false;
    }
    return true;
}

static inline bool refers(struct schema *schema, const json_t *reference, const json_t *value, const char *path)
{
    static const char prefix[] = "#/$defs/";
    const char *name = json_string_value(reference);
    const json_t *rules = strncmp(name, prefix, strlen(prefix)) == 0
                              ? json_object_get(json_object_get(schema->whole, "$defs"), name + strlen(prefix))
                              : NULL;
    return rules ? conforms(schema, rules, value, path) : wrong(schema, name, "leads nowhere");
}

static inline bool keyword_holds(struct schema *schema, const json_t *rules, const char *keyword, const json_t *value,
                                 const char *path)
{
    static const char *const remarks[] = {"$schema",     "$id",    "$defs",    "title",
                                          "description", "format", "required", "additionalProperties"};
    const json_t *rule = json_object_get(rules, keyword);
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
        if (strcmp(keyword, remarks[i]) == 0)
            return true;
    if (strcmp(keyword, "type") == 0)
        return has_type(value, rule) || wrong(schema, path, "has another type");
    if (strcmp(keyword, "const") == 0)
        return json_equal(value, rule) || wrong(schema, path, "is not the constant");
    if (strcmp(keyword, "enum") == 0)
        return is_among(value, rule) || wrong(schema, path, "is none of those possible");
    if (strcmp(keyword, "minimum") == 0)
        return !json_is_number(value) || json_number_value(value) >= json_number_value(rule) || wrong(schema, path, "is too small");
    if (strcmp(keyword, "items") == 0)
        return items_conform(schema, rule, value, path);
    if (strcmp(keyword, "properties") == 0)
        return !json_is_object(value) || members_conform(schema, rules, (json_t *)value, path);
    if (strcmp(keyword, "$ref") == 0)
        return refers(schema, rule, value, path);
    return wrong(schema, keyword, "is a keyword unknown here");
}

static inline bool conforms(struct schema *schema, const json_t *rules, const json_t *value, const char *path)
{
    const char *keyword;
    const json_t *rule;
    json_object_foreach((json_t *)rules, keyword, rule) if (!keyword_holds(schema, rules, keyword, value, path)) return false;
    return true;
}

#endif
