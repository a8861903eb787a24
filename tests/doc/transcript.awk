# SPDX-License-Identifier: Apache-2.0
# Runs a transcript: lines of "$ command" ("> " goes on with one), each followed
# by what the command prints, on both outputs. "..." stands for any text in a
# line and, alone, for any lines, none too. Prints where the output is another,
# and exits 1 then.
# usage: awk -f tests/doc/transcript.awk TRANSCRIPT

# Does a line fit what is wanted?
function like(line, wanted,    at, n, i, piece)
{
	n = split(wanted, piece, /\.\.\./)
	if (n < 2)
		return line == wanted
	if (piece[1] != "" && index(line, piece[1]) != 1)
		return 0
	line = substr(line, length(piece[1]) + 1)
	for (i = 2; i < n; i++) {
		at = index(line, piece[i])
		if (!at)
			return 0
		line = substr(line, at + length(piece[i]))
	}
	at = length(line) - length(piece[n])
	return at >= 0 && substr(line, at + 1) == piece[n]
}

# Does line i of the expectation and what follows fit the output from line j?
function fits(i, j)
{
	for (; i <= wants; i++) {
		if (want[i] == "...") {
			for (; j <= gots + 1; j++)
				if (fits(i + 1, j))
					return 1
			return 0
		}
		if (j > gots || !like(got[j], want[i]))
			return 0
		j++
	}
	return j > gots
}

function check(    line, i)
{
	if (command == "")
		return
	gots = 0
	while (((command) | getline line) > 0)
		got[++gots] = line
	close(command)
	if (!fits(1, 1)) {
		failed = 1
		print "$ " shown
		for (i = 1; i <= wants; i++)
			print "want: " want[i]
		for (i = 1; i <= gots; i++)
			print " got: " got[i]
	}
	command = ""
	wants = 0
}

/^\$ / {
	check()
	shown = substr($0, 3)
	command = "exec 2>&1; " shown
	next
}
/^> / && command != "" && !wants {
	shown = shown "\n" substr($0, 3)
	command = command "\n" substr($0, 3)
	next
}
{ want[++wants] = $0 }

END {
	check()
	exit failed
}
