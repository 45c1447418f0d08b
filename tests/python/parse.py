"""Reads Python programs from standard input, a JSON list of pairs, and says whether both of each pair are the same code.

Comments and the words for people may differ: texts are blanked, octets (bytes) are not.
"""

import ast
import json
import sys


class Blank(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(""), node) if isinstance(node.value, str) else node


def code(text):
    # As octets, with what they say of their encoding; the oldest Python that the programs are for.
    tree = ast.parse(text.encode(), feature_version=(3, 8))
    if any(isinstance(node, ast.Name) and node.id == "PWNED" for node in ast.walk(tree)):
        sys.exit("a scenario's text has become code")
    return ast.dump(Blank().visit(tree))


print(json.dumps([code(one) == code(other) for one, other in json.load(sys.stdin)]))
