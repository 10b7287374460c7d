import PrimitiveKit

/// How many variables of an environment file a running process has otherwise; their values never leave the host.
struct EnvironmentMatch: SiteProbe {
  static let kind = "environment"
  static let keys = ["file", "on", "pid_file", "unit", "user"]
  static let summary = "Variables that the running process has otherwise than its environment file"
  static let unit = "variables"
  static let ok: [Threshold] = [.equals(0)]
  static let bad: [Threshold] = [.from(1)]

  let hosts: HostChoice
  let file: HostPath
  /// Prints the id of the process.
  let process: String

  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    hosts = try HostChoice(reading: field, in: site)
    file = try field.required("file", "the environment file").hostPath()
    switch (field.optional("unit"), field.optional("pid_file")) {
    case (let unit?, nil):
      let isUser = try field.optional("user")?.bool() ?? false
      let name = try unit.string("the name of a unit")
      process = UnitQuestion.show(["MainPID"], of: name, isUser: isUser) + " | cut -d = -f 2"
    case (nil, let path?): process = "head -n 1 -- \(try path.hostPath().word) | cut -d ' ' -f 1"
    default:
      throw DataError(
        path: field.path,
        expected: "`unit` or `pid_file`",
        got: "both or neither",
        hint: "name one of them"
      )
    }
  }

  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured] {
    let command = """
      pid=$(\(process))
      case $pid in '' | 0 | *[!0-9]*) echo "no process runs" >&2; exit 3 ;; esac
      [ -r "/proc/$pid/environ" ] || { echo "the environment of process $pid cannot be read" >&2; exit 4; }
      [ -r \(file.word) ] || { echo "the environment file cannot be read" >&2; exit 5; }
      tr '\\0' '\\n' <"/proc/$pid/environ" | awk '\(EnvironmentMatch.compare)' pass=1 - pass=2 \(file.argumentWord)
      """
    let probe = HostProbe(command: command) { output, _ in
      let lines = output.split(separator: "\n")
      let numbers = lines.first?.split(separator: " ").compactMap { Int($0) } ?? []
      guard numbers.count == 3 else { return Measured(nil, note: "the comparison reads '\(output.start)'") }
      guard numbers[2] > 0 else { return Measured(nil, note: "the environment of the process is empty") }
      guard numbers[1] > 0 else { return Measured(nil, note: "\(file) sets no variable") }
      let names = lines.dropFirst().map { Value.string(String($0)) }
      return Measured(Double(numbers[0]), evidence: .table(["file": .string(file.plain), "variables": .array(names)]))
    }
    return await probe.measure(try hosts.hosts(call.surroundings), call)
  }

  /// Prints how many differ, how many the file sets, how many the process has, and the names of those that differ.
  private static let compare = """
    pass == 1 { at = index($0, "="); if (at > 1) { has[substr($0, 1, at - 1)] = substr($0, at + 1); count++ } next }
    { sub(/^[ \\t]+/, ""); sub(/[ \\t\\r]+$/, ""); sub(/^export[ \\t]+/, "") }
    /^[#;]/ || !/=/ { next }
    { at = index($0, "="); name = substr($0, 1, at - 1); value = substr($0, at + 1)
      first = substr(value, 1, 1)
      if (length(value) > 1 && (first == "\\"" || first == "\\047") && substr(value, length(value)) == first)
        value = substr(value, 2, length(value) - 2)
      wanted[name] = value }
    END {
      for (name in wanted) { total++
        if (!(name in has)) list = list name " (not set)\\n"
        else if (has[name] "" != wanted[name] "") list = list name "\\n"
        else continue
        wrong++ }
      print wrong + 0, total + 0, count + 0
      printf "%s", list
    }
    """
}

extension HostPath {
  /// As a file operand of awk, which takes `a=b` for an assignment unless a slash comes before it.
  fileprivate var argumentWord: String { ShellQuote.word(argument) }
}
