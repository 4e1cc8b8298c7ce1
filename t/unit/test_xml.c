/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_xml: documents to trees with places, their limits, what is refused and
 * how it is explained, tables of attributes, escaping.
 */
#include "apid_xml.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

static const apid_xml_limits_t limits = { 4096, 4 };

static apid_err_t *parse(apid_xml_t **root, const char *text,
                         apr_pool_t *pool)
{
    return apid_xml_parse(root, text, strlen(text), &limits, pool);
}

static const char *show_errs(const apid_err_t *err, apr_pool_t *pool)
{
    const char *text = "";

    for (; err; err = err->next)
        text = apr_psprintf(pool, "%s%s%d:%d: %s", text, *text ? "\n" : "",
                            err->line, err->column, err->text);
    return text;
}

/* "name@line:column(attr=value 'text' children)" */
static const char *show(const apid_xml_t *element, apr_pool_t *pool)
{
    const char *text = apr_psprintf(pool, "%s@%d:%d(", element->name,
                                    element->line, element->column);

    for (int i = 0; i < element->nattrs; i++)
        text = apr_psprintf(pool, "%s %s=%s", text, element->attrs[i].name,
                            element->attrs[i].value);
    if (*element->text)
        text = apr_psprintf(pool, "%s '%s'", text, element->text);
    for (const apid_xml_t *e = element->first; e; e = e->next)
        text = apr_pstrcat(pool, text, " ", show(e, pool), NULL);
    return apr_pstrcat(pool, text, ")", NULL);
}

static const struct {
    const char *name, *document, *tree;
} trees[] = {
    { "one element", "<a/>", "a@1:1()" },
    { "names in lower case, attributes as written",
      "<API Method='Post'><Select/></API>",
      "api@1:1( Method=Post select@1:20())" },
    { "places", "<a>\n  <b/>\n\t<c><d/></c>\n</a>",
      "a@1:1( b@2:3() c@3:2( d@3:5()))" },
    { "lines that end in CR LF", "<a>\r\n  <b/>\r\n</a>",
      "a@1:1( b@2:3())" },
    { "columns are characters, not bytes", "<a>\n\xC3\xA9\xE2\x82\xAC"
      "\xF0\x9F\x98\x80<b/></a>", "a@1:1( '\xC3\xA9\xE2\x82\xAC"
      "\xF0\x9F\x98\x80' b@2:4())" },
    { "an attribute's line feeds are blanks, by the rules of XML",
      "<a x='1\n2'/>", "a@1:1( x=1 2)" },
    { "text is trimmed and joined", "<a>  one <b/> two <!-- x -->three\n </a>",
      "a@1:1( 'one  two three' b@1:10())" },
    { "the five entities and characters by number",
      "<a x='&lt;&gt;&amp;&quot;&apos;&#65;&#x42;'>&lt;</a>",
      "a@1:1( x=<>&\"'AB '<')" },
    { "CDATA is text", "<a><![CDATA[<b/>]]></a>", "a@1:1( '<b/>')" },
    { "a prolog", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>",
      "a@2:1()" },
    { "a prolog with a blank before its end",
      "<?xml version=\"1.0\" ?><a/>", "a@1:23()" },
    { "a prolog with a blank after the second ?",
      "<?xml version=\"1.0\"? ><a/>", "a@1:23()" },
    { "a prolog with blanks on both sides",
      "<?xml version=\"1.0\" ? \t><a/>", "a@1:25()" },
    { "blanks before the prolog", " \n  <?xml version=\"1.0\"?><a/>",
      "a@2:24()" },
    { "a byte order mark", "\xEF\xBB\xBF<a/>", "a@1:1()" },
    { "a byte order mark, blanks and a prolog",
      "\xEF\xBB\xBF\n<?xml version=\"1.0\"? ><a/>", "a@2:23()" },
    { "an instruction is ignored", "<?style x?><a/>", "a@1:12()" },
    { "as deep as allowed", "<a><b><c><d/></c></b></a>",
      "a@1:1( b@1:4( c@1:7( d@1:10())))" },
};

static const struct {
    const char *name, *document, *error, *tree;
} refused[] = {
    { "empty", "", "1:1: the document holds no element", NULL },
    { "blank", " \n ", "2:2: the document holds no element", NULL },
    { "text only", "api", "1:1: not well-formed XML: expected an element",
      NULL },
    { "too deep", "<a><b><c><d>\n<e/></d></c></b></a>",
      "2:1: <e> is nested too deep: more than 4 elements in each other",
      "a@1:1( b@1:4( c@1:7( d@1:10())))" },
    { "DOCTYPE", "<!-- x -->\n <!DOCTYPE a><a/>",
      "2:2: DOCTYPE is not allowed", NULL },
    { "DOCTYPE with entities",
      "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
      "1:1: DOCTYPE is not allowed", NULL },
    { "entity in text", "<a>&nbsp;</a>", "1:4: unknown entity '&nbsp;'; "
      "expected &lt; &gt; &amp; &quot; or &apos;", "a@1:1()" },
    { "entity in an attribute, after legal ones",
      "<a x='&lt;&#65;\n\xC3\xA9 &eacute;'/>",
      "2:3: unknown entity '&eacute;'; expected &lt; &gt; &amp; &quot; or "
      "&apos;", NULL },
    { "character number 0", "<a>&#0;</a>", "1:4: not well-formed XML: "
      "reference to invalid character number", "a@1:1()" },
    { "typographic quotes", "<a x=\xE2\x80\x9Cy\xE2\x80\x9D/>",
      "1:6: found the typographic quote \xE2\x80\x9C; use straight quotes: "
      "\" or '", NULL },
    { "typographic quotes, German", "<a\n x=\xE2\x80\x9Ey\xE2\x80\x9C/>",
      "2:4: found the typographic quote \xE2\x80\x9E; use straight quotes: "
      "\" or '", NULL },
    { "typographic quotes, single", "<a x=\xE2\x80\x98y\xE2\x80\x99/>",
      "1:6: found the typographic quote \xE2\x80\x98; use straight quotes: "
      "\" or '", NULL },
    { "typographic quote that closes", "<a x='y' z=\"1\"\xE2\x80\x9D/>",
      "1:15: found the typographic quote \xE2\x80\x9D; use straight quotes: "
      "\" or '", NULL },
    { "no quotes", "<a x=y/>", "1:6: expected '\"' after '=': values are in "
      "quotes", NULL },
    { "ampersand", "<a x='b & c'/>", "1:10: found '&' by itself; write &amp; "
      "instead", NULL },
    { "less than", "<a x='b < c'/>", "1:9: found '<' in a value; write &lt; "
      "instead", NULL },
    { "wrong end tag", "<a>\n<b>\n</c></a>", "3:3: found </c>, expected "
      "</b>: <b> of line 2 is not closed", "a@1:1( b@2:1())" },
    { "end tag in another case", "<a><b></B></a>", "1:9: </B> differs in case "
      "from the tag of line 1 that it closes", "a@1:1( b@1:4())" },
    { "no end tag", "<a>\n<b/>\n", "3:1: the document ends before </a>: <a> "
      "of line 1 is not closed", "a@1:1( b@2:1())" },
    { "ends in a tag", "<a>\n <b x='", "2:2: the document ends inside of what "
      "begins here", "a@1:1()" },
    { "ends in a comment", "<a> <!-- </a>", "1:5: the document ends inside of "
      "what begins here", "a@1:1()" },
    { "attribute twice", "<a x='1' x='2'/>", "1:10: attribute 'x' is given "
      "twice", NULL },
    { "two roots", "<a/>\n<b/>", "2:1: nothing may follow the root element",
      "a@1:1()" },
    { "prolog after a comment", "<!-- --><?xml version='1.0'?><a/>",
      "1:9: <?xml ...?> must be the first of the document", NULL },
    { "prolog that is none", "<?xml verzion='1.0'?><a/>", "1:7: not "
      "well-formed XML: XML declaration not well-formed", NULL },
    { "bytes that are not UTF-8", "<a>\xE9</a>", "1:4: not well-formed XML: a "
      "character that is not legal here", "a@1:1()" },
    { "overlong UTF-8", "<a>\xC0\xBC</a>", "1:4: not well-formed XML: a "
      "character that is not legal here", "a@1:1()" },
    { "control character", "<a>\x01</a>", "1:4: not well-formed XML: a "
      "character that is not legal here", "a@1:1()" },
};

static void test_trees(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++) {
        apid_xml_t *root;
        apid_err_t *err = parse(&root, trees[i].document, pool);

        is(err ? err->text : show(root, pool), trees[i].tree, trees[i].name);
    }
}

static void test_refused(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        apid_xml_t *root;
        apid_err_t *err = parse(&root, refused[i].document, pool);

        is(show_errs(err, pool), refused[i].error, refused[i].name);
        is(root ? show(root, pool) : NULL, refused[i].tree,
           apr_pstrcat(pool, refused[i].name, ": what was read", NULL));
    }
}

static void test_zero(apr_pool_t *pool)
{
    apid_xml_t *root;
    apid_err_t *err = apid_xml_parse(&root, "<a>\0</a>", 8, &limits, pool);

    is(show_errs(err, pool), "1:4: the document holds a zero byte; expected "
       "UTF-8", "a zero byte");
    err = apid_xml_parse(&root, "\xFF\xFE<\0a\0/\0>\0", 10, &limits, pool);
    is_int(err->kind, APID_ERR_INVALID_DEFINITION, "UTF-16 is refused");
}

static void test_size(apr_pool_t *pool)
{
    char *text = apr_palloc(pool, 5000);
    apid_xml_t *root;
    apid_err_t *err;

    memset(text, ' ', 5000);
    memcpy(text, "<a/>", 4);
    err = apid_xml_parse(&root, text, 4096, &limits, pool);
    is(show_errs(err, pool), "", "as large as allowed");
    err = apid_xml_parse(&root, text, 4097, &limits, pool);
    is(show_errs(err, pool), "1:1: the document is larger than 4 KiB",
       "one byte more");
    ok(root == NULL, "nothing was read of it");
}

static void test_attr(apr_pool_t *pool)
{
    apid_xml_t *root;
    apid_err_t *err = parse(&root, "<a One='1' TWO='2'/>", pool);

    ok(!err, "attributes parse");
    is(apid_xml_attr(root, "one"), "1", "attribute in another case");
    is(apid_xml_attr(root, "two"), "2", "attribute in upper case");
    is(apid_xml_attr(root, "three"), NULL, "no such attribute");
    is_int(root->attrs[0].used, 1, "it is marked as used");
}

typedef struct target_t {
    const char *name, *text, *needed;
    int flag, whole, count, word;
} target_t;

static const char *const colours[] = { "red", "green", NULL };

#define ROW(name, kind, words) \
    { #name, APID_XML_##kind, offsetof(target_t, name), words }

static const apid_xml_row_t rows[] = {
    ROW(name, NAME, NULL),   ROW(text, TEXT, NULL),
    ROW(needed, NEEDED, NULL), ROW(flag, FLAG, NULL),
    ROW(whole, WHOLE, NULL), ROW(count, COUNT, NULL),
    ROW(word, WORD, colours), { 0 }
};

static const struct {
    const char *name, *document, *errors;
} reads[] = {
    { "needed is needed", "<a/>",
      "1:1: <a> needs the attribute 'needed'" },
    { "empty names", "<a needed='' name='' text=''/>",
      "1:1: name of <a> is empty\n1:1: needed of <a> is empty" },
    { "flags", "<a needed='x' flag='yes'/>",
      "1:1: flag 'yes' of <a> must be true or false" },
    { "whole numbers", "<a needed='x' whole='-1' count='0'/>",
      "1:1: whole '-1' of <a> must be a whole number\n"
      "1:1: count '0' of <a> must be a whole number above 0" },
    { "numbers that are none", "<a needed='x' whole='' count='1x'/>",
      "1:1: whole '' of <a> must be a whole number\n"
      "1:1: count '1x' of <a> must be a whole number above 0" },
    { "numbers that are too large",
      "<a needed='x' whole='2147483648' count='99999999999999999999'/>",
      "1:1: whole '2147483648' of <a> must be a whole number\n"
      "1:1: count '99999999999999999999' of <a> must be a whole number "
      "above 0" },
    { "words", "<a needed='x' word='gren'/>",
      "1:1: unknown word 'gren' in <a>; did you mean 'green'?" },
    { "words far off", "<a needed='x' word='blue'/>",
      "1:1: unknown word 'blue' in <a>; expected red or green" },
    { "unknown attributes", "<a needed='x' nmae='y' colour='z'/>",
      "1:1: unknown attribute 'nmae' in <a>; did you mean 'name'?\n"
      "1:1: unknown attribute 'colour' in <a>; expected name, text, needed, "
      "flag, whole, count or word" },
    { "twice in another case", "<a needed='x' Needed='y'/>",
      "1:1: needed of <a> is given twice" },
    { "name spaces", "<a needed='x' xmlns='y' xmlns:z='w'/>", "" },
};

static void test_reads(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(reads) / sizeof(*reads); i++) {
        apid_xml_errs_t errs = { pool, NULL, NULL };
        target_t target = { 0 };
        apid_xml_t *root;
        apid_err_t *err = parse(&root, reads[i].document, pool);

        apid_xml_note(&errs, err);
        apid_xml_read(&errs, &target, root, rows);
        is(show_errs(errs.first, pool), reads[i].errors, reads[i].name);
    }
}

static void test_read_values(apr_pool_t *pool)
{
    apid_xml_errs_t errs = { pool, NULL, NULL };
    target_t target = { .count = 5, .flag = 1 };
    apid_xml_t *root;
    apid_err_t *err = parse(&root, "<a NAME='n' needed='x' flag='FALSE' "
                            "whole='0' word='GREEN'/>", pool);

    apid_xml_note(&errs, err);
    apid_xml_read(&errs, &target, root, rows);
    is(show_errs(errs.first, pool), "", "all attributes are legal");
    is(target.name, "n", "name");
    is(target.text, NULL, "an absent text stays");
    is_int(target.flag, 0, "flag in upper case");
    is_int(target.whole, 0, "whole number");
    is_int(target.count, 5, "an absent number stays");
    is_int(target.word, 1, "word in upper case");
}

static void test_no_rows(apr_pool_t *pool)
{
    static const apid_xml_row_t none[] = { { 0 } };
    apid_xml_errs_t errs = { pool, NULL, NULL };
    apid_xml_t *root;
    apid_err_t *err = parse(&root, "<a x='1'/>", pool);

    apid_xml_note(&errs, err);
    apid_xml_read(&errs, NULL, root, none);
    is(show_errs(errs.first, pool), "1:1: <a> takes no attribute 'x'",
       "an element without attributes");
}

static void test_escape(apr_pool_t *pool)
{
    const char *text = "a<b>&\"'\t\r\n\xC3\xA9";
    const char *document;
    apid_xml_t *root;
    apid_err_t *err;

    is(apid_xml_escape(text, pool), "a&lt;b&gt;&amp;&quot;&apos;&#9;&#13;"
       "&#10;\xC3\xA9", "escape");
    is(apid_xml_escape("", pool), "", "escape nothing");
    is(apid_xml_escape("\x01", pool), "\xEF\xBF\xBD",
       "what XML cannot hold is U+FFFD");
    document = apr_psprintf(pool, "<a x=\"%s\">|%s|</a>",
                            apid_xml_escape(text, pool),
                            apid_xml_escape(text, pool));
    err = parse(&root, document, pool);
    ok(!err, "what is escaped parses");
    is(apid_xml_attr(root, "x"), text, "and is the same in an attribute");
    is(root->text, apr_psprintf(pool, "|%s|", text), "and in content");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_trees(pool);
    test_refused(pool);
    test_zero(pool);
    test_size(pool);
    test_attr(pool);
    test_reads(pool);
    test_read_values(pool);
    test_no_rows(pool);
    test_escape(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
