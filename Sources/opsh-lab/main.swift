import Glibc
import OpshLab

do {
  print(try await Command.run(Array(CommandLine.arguments.dropFirst())), terminator: "")
} catch {
  let failure = Command.explain(error)
  fflush(nil)
  _ = failure.text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(failure.status)
}
