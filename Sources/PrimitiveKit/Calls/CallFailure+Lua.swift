extension CallFailure {
  /// The table that Lua raises.
  ///
  /// `mark` and `exit_code` are there so that nothing of a failure is lost on its way through a script.
  package var raised: Value {
    var fields: [String: Value] = [
      "code": .string(code), "class": .string(failureClass.rawValue), "message": .string(message),
    ]
    if let mark { fields["mark"] = .string(mark.rawValue) }
    if let hint { fields["hint"] = .string(hint) }
    if let ending { fields["exit_code"] = .int(Int(ending.rawValue)) }
    if !trace.isEmpty { fields["trace"] = .array(trace.map(Value.string)) }
    return .table(fields)
  }

  /// The failure behind a table that Lua raised; one that names no class is a mistake of the script.
  package init(raised value: Value) {
    func text(_ name: String) -> String? {
      switch value[name] {
      case .string(let text): text
      case .int(let number): "\(number)"
      default: nil
      }
    }
    var trace: [String] = []
    if case .array(let lines) = value["trace"] {
      trace = lines.compactMap { if case .string(let line) = $0 { line } else { nil } }
    }
    self.init(
      text("class").flatMap(FailureClass.init(rawValue:)) ?? .invalid,
      text("mark").flatMap(FailureMark.init(rawValue:)),
      code: text("code") ?? "lua.error",
      message: text("message") ?? "the script failed without a message",
      hint: text("hint"),
      trace: trace,
      ending: text("exit_code").flatMap { Int32($0) }.flatMap(ExitCode.init(rawValue:))
    )
  }
}
