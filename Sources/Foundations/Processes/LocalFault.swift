import Glibc

/// What is wrong on this machine when one of its own system calls fails: a limit, a right, a full disk.
///
/// A fault of this machine proves nothing about any host, and its hint never asks for anything to be done there.
package struct LocalFault: Error, Sendable, Equatable {
  /// The value of errno.
  package let code: Int32

  /// Nil for the errors of a network or a peer.
  package init?(_ code: Int32) {
    guard LocalFault.codes.contains(code) else { return nil }
    self.code = code
  }

  /// Every number that a socket, a file or a process of ours fails with for a reason that lies here.
  package static let codes: [Int32] = [
    EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN, EACCES, EPERM, EADDRNOTAVAIL, EADDRINUSE, EAFNOSUPPORT, ENOSPC, EDQUOT,
    EROFS, EIO, EISDIR, ELOOP, ENETDOWN,
  ]

  /// What is wrong here, as the end of a sentence.
  package var reason: String {
    switch code {
    case EMFILE: "this process has no free file descriptor (limit \(OpenFiles.limit))"
    case ENFILE: "this machine has no free file descriptor"
    case ENOMEM, ENOBUFS: "this machine has no free memory"
    case EAGAIN: "this machine cannot start more processes or threads for this user"
    case EACCES, EPERM: "this machine does not permit it (\(text))"
    case EADDRNOTAVAIL, EADDRINUSE: "this machine has no free address or port"
    case EAFNOSUPPORT: "this machine does not speak that protocol (IPv6?)"
    case ENOSPC, EDQUOT: "a disk of this machine is full"
    case ENETDOWN: "the network of this machine is down"
    default: "this machine says: \(text)"
    }
  }

  /// What to do about it here; nil where that depends.
  package var hint: String? {
    switch code {
    case EMFILE: "raise the limit in the shell that starts opsh, for example `ulimit -n 4096`"
    case ENFILE: "`sysctl fs.file-nr` shows how many are open and how many there may be"
    case ENOMEM, ENOBUFS: "`free -m` shows what is left here"
    case EAGAIN: "`ulimit -u` shows the limit, `ps -u $USER` what runs here"
    case EACCES, EPERM: "check the permissions, the firewall and the sandbox on this machine"
    case EADDRNOTAVAIL, EADDRINUSE: "`ss -s` shows the sockets in use here"
    case EAFNOSUPPORT: "give the host an IPv4 or IPv6 address this machine can use"
    case ENOSPC, EDQUOT: "`df -h` shows which disk of this machine is full"
    case ENETDOWN: "`ip link` shows the interfaces of this machine"
    default: nil
    }
  }

  /// The system's words.
  private var text: String { String(cString: strerror(code)) }

  /// The fault when this process can open no more files, which resolvers report as an unknown name.
  package static var exhausted: LocalFault? {
    let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return LocalFault(errno) }
    close(file)
    return nil
  }
}
