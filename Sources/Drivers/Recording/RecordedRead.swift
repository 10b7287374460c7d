import PrimitiveKit

/// What tells one read of a host from another.
struct ReadKey: Hashable, Sendable {
  /// SHA-256 of the command line.
  let command: String
  /// SHA-256 of its standard input, which for most reads is the host script.
  let input: String

  init(_ request: CommandRequest) {
    command = SHA256(hashing: request.line.utf8).hex
    input = SHA256(hashing: request.input).hex
  }

  init(_ read: RecordedRead) {
    command = read.commandSHA256
    input = read.inputSHA256
  }
}

/// One read of one host with its answers in order.
struct RecordedRead: Codable, Sendable, Equatable {
  /// The command line, shortened: for people who look at a difference.
  let command: String
  let commandSHA256: String
  let inputSHA256: String
  /// At least one; repeats of the last are left out.
  let answers: [RecordedAnswer]

  enum CodingKeys: String, CodingKey {
    case command
    case commandSHA256 = "command_sha256"
    case inputSHA256 = "input_sha256"
    case answers
  }

  init(_ request: CommandRequest, answers: [RecordedAnswer]) {
    let key = ReadKey(request)
    command = RecordedRead.shortened(request.line)
    (commandSHA256, inputSHA256) = (key.command, key.input)
    var answers = answers
    while answers.count > 1, answers[answers.count - 1] == answers[answers.count - 2] { answers.removeLast() }
    self.answers = answers
  }

  /// A command line as messages and recordings show it: one line of at most 100 characters.
  static func shortened(_ line: String) -> String {
    let flat = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return flat.count > 100 ? "\(flat.prefix(99))…" : flat
  }
}
