#include "work/digest.h"

#include "work/body.h"

enum { ITEM = AR_WORK_HEAD_N, OWNER, WHOSE, OVERDUE, AT_RISK, ROW_N };

/* Of ar_work_items, $1 the time: what is somebody's who was not told today, and in which order. */
#define UNTOLD                                    \
    " i WHERE whose IS NOT NULL AND whose NOT IN" \
    " (SELECT owner_id FROM ar.digest WHERE day = CAST($1 AS DATE))"
#define ORDER " ORDER BY whose, overdue_days IS NULL, rank DESC, due_at NULLS LAST, item"

typedef struct writer {
    ar_engine *engine;
    const ar_standards *standards;
    ar_time asof;
    ar_digest_fn *see;
    void *self;
    ar_rows *members; /* of all items, in their order */
    bool has_member;
    ar_buf owner, list, bodies; /* of one digest */
    int64_t items;
} writer;

static void writer_done(writer *w)
{
    ar_rows_free(&w->members);
    ar_buf_done(&w->owner);
    ar_buf_done(&w->list);
    ar_buf_done(&w->bodies);
}

static ar_err ask(writer *w, ar_rows **out_items)
{
    ar_value args[] = { ar_at(w->asof), ar_int(AR_WORK_SHOWN) };
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "SELECT " AR_WORK_HEAD
                ", item, owner, whose, overdue_days, at_risk FROM %s" UNTOLD ORDER,
                ar_work_items);
    AR_TRY(ar_engine_query(w->engine, ar_buf_str(&sql), args, 1, out_items));
    sql.len = 0;
    ar_buf_addf(&sql,
                "SELECT m.* FROM (%s) m JOIN (SELECT item, row_number() OVER (" ORDER
                ") AS place FROM %s" UNTOLD ") p ON p.item = m.item ORDER BY p.place, m.n",
                ar_work_all_members, ar_work_items);
    AR_TRY(ar_engine_query(w->engine, ar_buf_str(&sql), args, AR_COUNT(args), &w->members));
    w->has_member = ar_rows_next(w->members);
    return ar_ok();
}

/* ---- one item ---- */

static void add_line(writer *w, const ar_value *row)
{
    ar_buf *out = &w->list;

    ar_buf_addz(out, "- "), ar_work_add_plain(out, row[ITEM]);
    ar_buf_addz(out, ": "), ar_work_add_plain(out, row[AR_WORK_TITLE]);
    ar_buf_addf(out, ". %lld open, due ", (long long)row[AR_WORK_OPEN].i);
    ar_work_add_day(out, row[AR_WORK_DUE]);
    if (row[OVERDUE].type == AR_INT)
        ar_buf_addf(out, ", **%lld days overdue**", (long long)row[OVERDUE].i);
    else if (row[AT_RISK].type == AR_BOOL && row[AT_RISK].b)
        ar_buf_addz(out, ", **at risk**");
    if (row[OWNER].type == AR_NULL) {
        ar_buf_addz(out, "; it is with you because nobody is known to own it");
    } else if (!ar_str_eq(row[OWNER].s, row[WHOSE].s)) {
        ar_buf_addz(out, "; it is with you because "), ar_work_add_plain(out, row[OWNER]);
        ar_buf_addz(out, " did not do it in time");
    }
    ar_buf_addc(out, '\n');
}

static ar_err add_body(writer *w, const ar_value *row)
{
    ar_str item = row[ITEM].s;
    ar_auto(ar_arena) arena = { 0 };
    int64_t n = 0;

    ar_buf_addc(&w->bodies, '\n');
    AR_TRY(ar_work_add_head(w->engine, w->standards, row, item, w->asof, &arena, &w->bodies));
    for (; w->has_member && ar_str_eq(ar_rows_get(w->members, 0).s, item); n++) {
        ar_value member[AR_WORK_LINE_N];

        for (size_t i = 0; i < AR_WORK_LINE_N; i++) member[i] = ar_rows_get(w->members, i + 1);
        ar_work_add_member(&w->bodies, member);
        w->has_member = ar_rows_next(w->members);
    }
    ar_work_add_rest(&w->bodies, item, row[AR_WORK_OPEN].i - n);
    return ar_ok();
}

/* ---- one owner ---- */

static void begin(writer *w, ar_str owner)
{
    w->owner.len = w->list.len = w->bodies.len = 0;
    w->items = 0;
    ar_buf_add(&w->owner, owner);
    ar_buf_addz(&w->list, "# What is to be done\n\n");
}

static ar_err end(writer *w)
{
    if (w->items == 0) return ar_ok();
    ar_buf_add(&w->list, ar_buf_str(&w->bodies));
    return w->see(w->self, ar_buf_str(&w->owner), w->items, ar_buf_str(&w->list));
}

ar_err ar_digests(ar_engine *engine, const ar_standards *standards, ar_time asof, ar_digest_fn *see,
                  void *self)
{
    ar_auto(writer)
        w = { .engine = engine, .standards = standards, .asof = asof, .see = see, .self = self };
    ar_own(ar_rows) items = NULL;

    AR_TRY(ask(&w, &items));
    while (ar_rows_next(items)) {
        ar_value row[ROW_N];

        for (size_t i = 0; i < ROW_N; i++) row[i] = ar_rows_get(items, i);
        if (!ar_str_eq(row[WHOSE].s, ar_buf_str(&w.owner))) {
            AR_TRY(end(&w));
            begin(&w, row[WHOSE].s);
        }
        add_line(&w, row);
        AR_TRY(add_body(&w, row));
        w.items++;
    }
    return end(&w);
}
