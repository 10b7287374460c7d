package import PrimitiveKit

/// What can go wrong with a lab, in words for the person who asked for one.
package enum LabError: OperatorError, Equatable {
  case alreadyUp(directory: String)
  case leftOver(directory: String)
  case notALab(directory: String)
  case noLab(directory: String)
  case directoryName(directory: String)
  case foreignDirectory(directory: String)
  case missingProgram(name: String, package: String)
  case missingBot(looked: [String])
  case portInUse(port: Int, address: String)
  case noFreePort(address: String)
  case count(what: String, given: Int, allowed: ClosedRange<Int>)
  case unknownHost(name: String, nearest: [String])
  case unknownKind(name: String, nearest: [String])
  case nothingToBreak(host: String, why: String)
  case notReady(what: String, detail: String)
  case tool(name: String, detail: String)
  case system(call: String, subject: String, detail: String)
  case survivors(processes: [Int32])
  case usage(String)

  package var failureClass: FailureClass {
    switch self {
    case .usage, .count, .unknownKind: .usage
    default: .failed
    }
  }

  package var code: String {
    switch self {
    case .alreadyUp: "lab.already_up"
    case .leftOver: "lab.left_over"
    case .notALab: "lab.not_a_lab"
    case .noLab: "lab.none"
    case .directoryName: "lab.directory_name"
    case .foreignDirectory: "lab.foreign_directory"
    case .missingProgram: "lab.missing_program"
    case .missingBot: "lab.missing_bot"
    case .portInUse: "lab.port_in_use"
    case .noFreePort: "lab.no_free_port"
    case .count: "lab.count"
    case .unknownHost: "lab.unknown_host"
    case .unknownKind: "lab.unknown_kind"
    case .nothingToBreak: "lab.nothing_to_break"
    case .notReady: "lab.not_ready"
    case .tool: "lab.tool_failed"
    case .system: "lab.system"
    case .survivors: "lab.survivors"
    case .usage: "lab.usage"
    }
  }

  package var message: String {
    switch self {
    case .alreadyUp(let directory): "a lab is already up in \(directory)"
    case .leftOver(let directory): "\(directory) contains the remains of a lab that is not running"
    case .notALab(let directory): "\(directory) is not empty and is not a lab"
    case .noLab(let directory): "no lab in \(directory)"
    case .directoryName(let directory):
      "'\(directory)' cannot hold a lab: its path must be at most 200 letters, digits or any of / . _ + @ -"
    case .foreignDirectory(let directory): "\(directory) belongs to another user"
    case .missingProgram(let name, _): "a lab needs \(name), which is not installed"
    case .missingBot(let looked): "opsh-lab-bot was not found (looked at \(looked.joined(separator: ", ")))"
    case .portInUse(let port, let address): "port \(port) is already in use on \(address)"
    case .noFreePort(let address): "no free port was found for addresses like \(address)"
    case .count(let what, let given, let allowed):
      "\(what) must be \(allowed.lowerBound) to \(allowed.upperBound), not \(given)"
    case .unknownHost(let name, _): "the lab has no host '\(name)'"
    case .unknownKind(let name, _): "unknown kind of break '\(name)'"
    case .nothingToBreak(let host, let why): "\(host) cannot be broken that way: \(why)"
    case .notReady(let what, let detail): "\(what) did not become ready: \(detail)"
    case .tool(let name, let detail): "\(name) failed: \(detail)"
    case .system(let call, let subject, let detail): "\(call) failed on \(subject): \(detail)"
    case .survivors(let processes):
      "these processes of the lab could not be ended: \(processes.map(String.init).joined(separator: ", "))"
    case .usage(let problem): problem
    }
  }

  package var hint: String? {
    switch self {
    case .alreadyUp(let directory):
      "see it with `opsh-lab status --dir \(directory)`, or use another --dir for a second lab"
    case .leftOver(let directory): "clean it up with `opsh-lab down --dir \(directory)`"
    case .notALab, .foreignDirectory: "name another directory with --dir"
    case .directoryName: "name a plain absolute directory with --dir"
    case .noLab(let directory): "start one with `opsh-lab up --dir \(directory)`"
    case .missingProgram(_, let package): "on Debian: apt-get install \(package)"
    case .missingBot: "build it with `swift build`, or set OPSH_LAB_BOT to its path"
    case .portInUse: "omit --port to let the lab find a free one"
    case .noFreePort: "name one with --port"
    case .unknownHost(_, let nearest), .unknownKind(_, let nearest):
      nearest.isEmpty ? nil : "did you mean \(nearest.joined(separator: ", "))?"
    case .nothingToBreak: nil
    case .notReady: "clean up with `opsh-lab down`"
    case .survivors: "run `opsh-lab down` as the user who ran `up`; another user may own them"
    case .usage: "`opsh-lab --help` lists the commands"
    case .count, .tool, .system: nil
    }
  }
}
