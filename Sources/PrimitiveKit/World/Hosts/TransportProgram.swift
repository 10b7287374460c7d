/// How a program of this machine reaches hosts: its argument vector, with places for what differs from host to host.
package struct TransportProgram: Sendable, Equatable, Codable {
  /// The program and its arguments; `%h` is the name of the host, `%a` its address, `%p` its port, `%u` the login user,
  /// `%%` a percent sign, and the argument `%c` the command for `sh`.
  package let arguments: [String]

  /// Throws a `DataError` unless `%c` is an argument of its own, once, and every other place is known.
  package init(reading field: DataField) throws(DataError) {
    let expected = #"a program with its arguments, such as { "docker", "exec", "-i", "%a", "sh", "-c", "%c" }"#
    var arguments: [String] = []
    for entry in try field.list(expected) {
      let text = try entry.string("an argument")
      if text != "%c", let odd = TransportProgram.oddPlace(text) {
        throw entry.wrong(
          "an argument with the places %h, %a, %p, %u or %%",
          hint: odd == "%c" ? "%c is an argument of its own" : "\(odd) stands for nothing; write %% for a percent sign"
        )
      }
      arguments.append(text)
    }
    guard arguments.count(where: { $0 == "%c" }) == 1 else {
      throw field.wrong(expected, hint: "the argument %c, once, is where the command for sh goes")
    }
    guard arguments.first != "%c" else { throw field.wrong(expected, hint: "the program comes first") }
    self.arguments = arguments
  }

  /// The same, where a program that is named with a slash is looked for from a folder.
  package func located(in folder: String) -> TransportProgram {
    guard let program = arguments.first, program.contains("/"), !program.hasPrefix("/") else { return self }
    // What is a place in an argument is none in the name of a folder.
    return TransportProgram([folder.replacing("%", with: "%%") + "/" + program] + arguments.dropFirst())
  }

  private init(_ arguments: [String]) { self.arguments = arguments }

  /// The arguments for one host and a command.
  package func arguments(for host: HostAddress, command: String) -> [String] {
    arguments.map { $0 == "%c" ? command : TransportProgram.filled($0, host) }
  }

  private static func filled(_ text: String, _ host: HostAddress) -> String {
    var result = ""
    var rest = text[...]
    while let sign = rest.firstIndex(of: "%") {
      result += rest[..<sign]
      let place = rest.index(after: sign)
      guard place < rest.endIndex else { break }
      switch rest[place] {
      case "h": result += host.name
      case "a": result += host.address
      case "p": result += "\(host.port)"
      case "u": result += host.user
      default: result.append(rest[place])
      }
      rest = rest[rest.index(after: place)...]
    }
    return result + rest
  }

  /// The first place that means nothing within an argument.
  private static func oddPlace(_ text: String) -> String? {
    var rest = text[...]
    while let sign = rest.firstIndex(of: "%") {
      let place = rest.index(after: sign)
      guard place < rest.endIndex, "hapu%".contains(rest[place]) else { return String(rest[sign...].prefix(2)) }
      rest = rest[rest.index(after: place)...]
    }
    return nil
  }
}
