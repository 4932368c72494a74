def main():
    helper()


def helper():
    return 1


if __name__ == "__main__":
    main()
