import PrimitiveKit

/// Makes random Lua programs that end: many of them with an error at some line.
struct ProgramMaker {
  private var random: SplitMix64
  private var depth = 0
  private var names = ["a", "b", "c", "t", "f", "s", "m", "g"]
  private let usesUnknown: Bool

  /// With `usesUnknown` the programs read `input.u`, catch no errors, and are short, so that many end well.
  init(seed: UInt64, usesUnknown: Bool = false) {
    random = SplitMix64(seed: seed)
    self.usesUnknown = usesUnknown
    if usesUnknown { names += ["u", "u"] }
  }

  private mutating func pick(_ words: [String]) -> String { words.randomElement(using: &random) ?? "" }
  private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
  /// White space, sometimes a line end or a comment.
  ///
  /// After an index or a global none: Lua gives those the line of whatever token it looked at last.
  private mutating func gap(after text: String = "") -> String {
    if text.hasSuffix("]") || text.hasSuffix("}") || text == "g" { return " " }
    return pick([" ", " ", " ", " ", "\n", " --[[x]] ", " -- y\n", "\n\n"])
  }

  mutating func program() -> String {
    let count = usesUnknown ? 1 + below(2) : 2 + below(6)
    let body = (0..<count).map { _ in statement() }.joined(separator: pick(["\n", "; "]))
    return """
      \(usesUnknown ? "local u = input.u" : "")
      local a, b, c, s, t = 1, 2.5, nil, "x", { 1, 2, 3, x = "y", y = { z = 4 } }
      local log = {}
      local function f(...) log[#log + 1] = select("#", ...) return ... end
      local m = setmetatable({ 5 }, {
        __index = function(_, k) log[#log + 1] = tostring(k) return 7 end,
        __eq = function() return true end, __lt = function(x, y) return rawlen(x) < rawlen(y) end,
        __le = function() error("no order") end, __call = function(_, v) return v end,
      })
      g = 3
      \(body)
      return a, b, c, s, g, #log, log
      """
  }

  private mutating func statement() -> String {
    depth += 1
    defer { depth -= 1 }
    let isDeep = depth > 3
    switch below(isDeep ? 6 : 14) {
    case 0, 1: return "\(pick(["a", "b", "c", "s", "g"])) =\(gap())\(expression())"
    case 2: return "t[\(key())]\(gap())= \(expression())"
    case 3: return "f(\(expression()), \(expression()))"
    case 4: return "t.y[\(key())],\(gap())a = \(expression()), \(expression())"
    case 5: return "local k <const> = \(expression())"
    case 6:
      return "if \(expression()) then \(statement()) elseif \(expression()) then \(statement()) else \(statement()) end"
    case 7: return "for i = 1, \(pick(["2", "3", "a", "#t"])) do if i > 4 then break end \(statement()) end"
    case 8:
      return
        "for k, v in \(pick(["pairs(t)", "ipairs(t)", "next, t", "pairs({ a, b })", expression()])) do b = v; \(statement()) break end"
    case 9: return "do local n = 0 while n < 3 and \(expression()) do n = n + 1; \(statement()) end end"
    case 10:
      return
        "do local n = 0 repeat n = n + 1; local r = \(expression()); \(statement()) until n > 2 or r == \(expression()) end"
    case 11: return "local function \(pick(["f", "g", "h"]))(a, ...) \(statement()); return \(expression()) end"
    case 12 where usesUnknown: return "a, b = u, \(expression())"
    case 12:
      return
        "do local ok, e = pcall(function(...) \(statement()) return \(expression()) end, 1) s = ok and s or e.message end"
    default: return "t[\(key())]\(gap())[\(key())] = \(expression())"
    }
  }

  /// Lua 5.4.4 compiles an upvalue wrongly whose key is a comparison, so the key is then an element of a table.
  private mutating func key() -> String {
    let key = expression()
    return key.hasPrefix("(") || key.hasPrefix("not") ? "({ \(key) })[1]" : key
  }

  private mutating func expression() -> String {
    depth += 1
    defer { depth -= 1 }
    guard depth < 6 else { return pick(["1", "a", "b", "nil", "'x'", "t", "c"]) }
    switch below(17) {
    case 0: return pick(["1", "0", "-1", "2.5", "0x10", "1e300"])
    case 1: return pick(["nil", "true", "false", "'x'", "\"2\"", "([[z]])", "{}"])
    case 2, 3, 4: return pick(names)
    case 5: return "t\(gap())[\(key())]"
    case 6: return "\(pick(["t", "m", "t.y", "a", "s"]))[\(key())]"
    case 7, 8:
      let sign = pick(["==", "~=", "<", "<=", ">", ">="])
      let left = expression()
      return "(\(left)\(gap(after: left))\(sign)\(gap())\(expression()))"
    case 9, 10:
      let left = expression()
      return "(\(left)\(gap(after: left))\(pick(["and", "or"]))\(gap())\(expression()))"
    case 11: return "not\(gap())\(expression())"
    case 12: return "(\(expression()) \(pick(["+", "-", "*", "..", "//", "%", "&", "<<"])) \(expression()))"
    case 13: return "\(pick(["f", "m", "tostring", "type", "rawlen", "math.floor", "s.upper"]))(\(expression()))"
    case 14: return "(function(...) return \(expression()) end)(\(expression()))"
    case 15: return "{ \(expression()), [\(expression())] = \(expression()), x = \(expression()) }"
    default: return "#\(pick(["t", "s", "m", "a"]))"
    }
  }
}
