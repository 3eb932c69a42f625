#include "engine/duck.h"
#include "t.h"

TEST(messages_become_one_sentence_and_a_code)
{
    static const struct {
        const char *message;
        enum ar_code code;
        const char *sentence;
    } rows[] = {
        { "IO Error: Could not write file \"x.db\": No space left on device", AR_IO,
          "Could not write file \"x.db\": No space left on device" },
        { "TransactionContext Error: Failed to commit: Could not write file \"x.db.wal\": No space "
          "left on device",
          AR_IO, "Failed to commit: Could not write file \"x.db.wal\": No space left on device" },
        { "IO Error: Could not read enough bytes from file \"x.db\"", AR_IO,
          "Could not read enough bytes from file \"x.db\"" },
        { "TransactionContext Error: Conflict on update!", AR_CONFLICT, "Conflict on update!" },
        { "TransactionContext Error: Current transaction is aborted (please ROLLBACK)", AR_CONFLICT,
          "Current transaction is aborted (please ROLLBACK)" },
        { "Constraint Error: NOT NULL constraint failed: t.i", AR_CONFLICT,
          "NOT NULL constraint failed: t.i" },
        { "Out of Memory Error: could not allocate block\n\nPossible solutions:\n* Reduce threads",
          AR_LIMIT,
          "the memory does not suffice: could not allocate block (memory_mib in aright.yaml gives "
          "it more)" },
        { "INTERRUPT Error: Interrupted!", AR_LIMIT, "Interrupted!" },
        { "Catalog Error: Table with name x does not exist!\nDid you mean \"y\"?\n\nLINE 1: FROM x",
          AR_NOT_FOUND, "Table with name x does not exist!" },
        { "Parser Error: syntax error at or near \"x\"\n\nLINE 1: x\n        ^", AR_INVALID,
          "syntax error at or near \"x\"" },
        { "Permission Error: File system operations are disabled by configuration", AR_DENIED,
          "File system operations are disabled by configuration" },
        { "FATAL Error: database has been invalidated", AR_IO, "database has been invalidated" },
        { "Invalid Input Error: AR_LIMIT: data.csv:7: too many", AR_LIMIT, "data.csv:7: too many" },
        { "Conversion Error: a: b Error: c", AR_INVALID, "a: b Error: c" },
        { "Binder Error: Referenced column \"Permission denied\" not found in FROM clause!",
          AR_INVALID, "Referenced column \"Permission denied\" not found in FROM clause!" },
        { "Binder Error: \"ag\" not found!\nCandidate bindings: \"age\", \"id\"\n\nLINE 1: x",
          AR_INVALID, "\"ag\" not found! Near names: \"age\", \"id\"" },
        { "Binder Error: x!\n\nLINE 1: SELECT Permission denied", AR_INVALID, "x!" },
        { "Conversion Error: Could not convert string 'does not exist' to INT32", AR_INVALID,
          "Could not convert string 'does not exist' to INT32" },
        { "IO Error: It can't open 'x' or \"y\": Permission denied", AR_DENIED,
          "It can't open 'x' or \"y\": Permission denied" },
        { "no prefix at all", AR_INVALID, "no prefix at all" },
        { NULL, AR_INVALID, "the engine failed without a word" },
        { "", AR_INVALID, "the engine failed without a word" },
    };

    for (size_t i = 0; i < AR_COUNT(rows); i++) {
        ar_err err = ar_duck_fail(rows[i].message);

        T_INT(err.code, rows[i].code);
        T_STR(ar_err_text(err), rows[i].sentence);
    }
}
