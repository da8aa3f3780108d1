# Runs a program and says whether it came to its end. What it says goes through a channel that the program is not
# told of, and the word that says "passed" is read only after the program is through.
bench_in=$BENCH_IN bench_out=$BENCH_OUT
unset BENCH_IN BENCH_OUT
builtin read -r bench_size <&"$bench_in" || builtin exit 1
if [ "$bench_size" -gt 0 ]; then
  LC_ALL=C builtin read -r -d '' -N "$bench_size" bench_program <&"$bench_in" || builtin exit 1
fi
builtin eval "$bench_program"
builtin read -r bench_word <&"$bench_in" && builtin echo "done $bench_word" >&"$bench_out"
