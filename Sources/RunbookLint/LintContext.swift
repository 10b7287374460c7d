import Foundations
import LuaSyntax
import PrimitiveKit
import RunbookHeader

/// One file as the rules see it.
struct LintContext {
  let text: LintText
  let bindings: LuaBindings
  /// The table of the runbook; nil for a script.
  let tree: RunbookTree?
  /// Nil when the file could not be loaded.
  let header: RunbookHeader?
  let primitives: [String: PrimitiveInfo]
  let globals: LintGlobals
  let today: CalendarDate
  /// Why the code of the file may not call a primitive: that of a plugin.
  let refusal: RunbookLint.Refusal?
  private let collected = Collected()

  private final class Collected {
    var findings: [LintFinding] = []
    var texts: Set<String> = []
  }

  init(
    _ text: LintText,
    isRunbook: Bool,
    header: RunbookHeader?,
    primitives: [String: PrimitiveInfo],
    globals: LintGlobals,
    today: CalendarDate,
    refusal: RunbookLint.Refusal? = nil
  ) {
    self.text = text
    self.header = header
    self.primitives = primitives
    self.globals = globals
    self.today = today
    self.refusal = refusal
    bindings = LuaBindings(text.block)
    tree = isRunbook ? RunbookTree(text.block, bindings) : nil
  }

  /// Applies every rule that needs the text.
  func checkAll() {
    checkHeader()
    checkGlobals()
    checkCalls()
    checkEffects()
    checkLock()
    let roles = LintRoles(self)
    checkRoles(roles)
    checkSteps(roles)
  }

  /// What was found.
  var findings: [LintFinding] { collected.findings }

  /// Writes a finding down; the same one a second time is dropped.
  func add(
    _ rule: LintRule,
    _ span: LuaSpan,
    _ message: String,
    hint: String? = nil,
    severity: LintRule.Severity? = nil
  ) {
    add(LintFinding(rule, at: text.place(span), message, hint: hint, severity: severity))
  }

  func add(_ finding: LintFinding) {
    if collected.texts.insert(finding.text).inserted { collected.findings.append(finding) }
  }

  /// Where a field of the header stands; line 1 when the table is not written out.
  func place(ofField name: String) -> SourcePlace {
    tree?.fields[name].map { text.place($0.span) } ?? SourcePlace(file: text.path, line: 1)
  }

  /// The primitive that an expression stands for.
  func primitive(_ expression: LuaExpression) -> PrimitiveInfo? { bindings.path(expression).flatMap { primitives[$0] } }

  /// The functions of the runbook that are written out, in order.
  var parts: [(name: String, body: LuaFunctionBody)] {
    RunbookTree.parts.compactMap { name in tree?.fields[name]?.function.map { (name, $0) } }
  }
}
